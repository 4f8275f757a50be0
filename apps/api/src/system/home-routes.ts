import { createHash } from 'node:crypto';
import { accepts } from 'hono/accepts';
import type { AddRoutes } from '../http/add-routes.ts';
import { homePage, STYLE } from './home-page.ts';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#c8553d"/><g fill="none" stroke="#fff" stroke-width="2.5"><path d="M8 16 16 8l8 8-8 8z"/><path d="M16 8v16"/></g></svg>`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Nothing runs on the page, and nothing is loaded but its icon. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page that a person finds who opens the address of this server, and its icon. */
export const addHomeRoutes: AddRoutes = (app, deps) => {
  app.get('/', async (c) => {
    const { ready, reason } = await deps.readiness();
    const about = {
      service: 'claude-flow',
      version: deps.version,
      ready,
      ...(reason === undefined ? {} : { reason }),
    };
    c.header('Vary', 'Accept');
    const wanted = accepts(c, {
      header: 'Accept',
      supports: ['text/html', 'application/json'],
      default: 'text/html',
    });
    if (wanted === 'application/json') {
      return c.json({ ...about, docs: '/docs', openapi: '/openapi.json', health: '/api/health' });
    }
    c.header('Content-Security-Policy', POLICY);
    const { protocol, host } = new URL(c.req.url);
    const byProxy = deps.config.proxyHops > 0 && c.req.header('x-forwarded-proto') === 'https';
    const address = `${byProxy ? 'https:' : protocol}//${host}`;
    return c.html(homePage({ ...about, address, keyNeeded: deps.config.auth.enabled }));
  });
  // Browsers ask for the first one by themselves.
  for (const path of ['/favicon.ico', '/favicon.svg']) {
    app.get(path, (c) =>
      c.body(ICON, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'public, max-age=86400' }),
    );
  }
};
