import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Scalar } from '@scalar/hono-api-reference';
import { NONCE, type SecureHeadersVariables, secureHeaders } from 'hono/secure-headers';
import type { AddRoutes } from '../http/add-routes.ts';
import type { AppEnv } from '../http/app-env.ts';
import { inPieces } from '../http/shared-bytes.ts';
import { openApiDocument } from './document.ts';

const BUNDLE_PATH = '/docs/scalar.js';
/** The one package that ships the viewer as a single file; nothing else of it is used, so that /docs works offline. */
const bundleFile = fileURLToPath(
  new URL('js/standalone.js', import.meta.resolve('@scalar/fastify-api-reference')),
);

const lengthAndType = (bytes: Uint8Array, type: string) => ({
  'Content-Length': String(bytes.length),
  'Content-Type': type,
});

/** /openapi.json, and /docs that shows it. */
export const addDocRoutes: AddRoutes = (app, deps) => {
  let document: Uint8Array | undefined;
  let bundle: Promise<Uint8Array> | undefined;
  app.get('/openapi.json', (c) => {
    // Made when first asked for: by then all routes are known.
    document ??= new TextEncoder().encode(JSON.stringify(openApiDocument(app, deps.version)));
    return c.body(inPieces(document), 200, lengthAndType(document, 'application/json'));
  });
  app.get(BUNDLE_PATH, async (c) => {
    // Read once for all readers; a failure is not remembered.
    bundle ??= readFile(bundleFile).catch((error: unknown) => {
      bundle = undefined;
      throw error;
    });
    const bytes = await bundle;
    const headers = lengthAndType(bytes, 'text/javascript; charset=utf-8');
    return c.body(inPieces(bytes), 200, { ...headers, 'Cache-Control': 'public, max-age=3600' });
  });
  app.get(
    '/docs',
    secureHeaders({
      strictTransportSecurity: false,
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", NONCE],
        // The viewer writes style attributes, which no nonce can allow.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'", 'blob:'],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    }),
    Scalar<AppEnv & { Variables: SecureHeadersVariables }>((c) => ({
      url: '/openapi.json',
      cdn: BUNDLE_PATH,
      pageTitle: 'Claude-Flow API',
      favicon: '/favicon.svg',
      nonce: c.get('secureHeadersNonce') ?? '',
      withDefaultFonts: false,
      telemetry: false,
      // What would call the viewer's makers.
      agent: { disabled: true },
      mcp: { disabled: true },
      showDeveloperTools: 'never',
      hideClientButton: true,
    })),
  );
};
