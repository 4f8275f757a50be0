import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from './app-env.ts';
import type { ApiDeps } from './deps.ts';

export type App = OpenAPIHono<AppEnv>;

/** How each file of this folder gives its routes to the app. */
export type AddRoutes = (app: App, deps: ApiDeps) => void;
