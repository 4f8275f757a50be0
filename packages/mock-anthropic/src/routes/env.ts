import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { ApiVersion } from '../validation/parse.ts';

/** What handlers find in their context. */
export type AppEnv = {
  Bindings: HttpBindings;
  Variables: { requestId: string; apiKey: string; apiVersion: ApiVersion };
};

export type App = Hono<AppEnv>;
export type AppContext = Context<AppEnv>;
