import type { App } from './routes/add-routes.ts';

/** The description of the whole API, from the schemas that check requests and shape answers. */
export function openApiDocument(app: App, version: string) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Claude-Flow',
      version,
      description:
        'Runs swarms of Claude agents. Times in bodies are ISO 8601, durations milliseconds. Ignore fields and event types ' +
        'that you do not know: there will be more. Errors are RFC 9457 problem documents.',
      license: { name: 'MIT' },
    },
    security: [{ apiKey: [] }, { bearer: [] }],
    tags: [
      { name: 'Swarms' },
      { name: 'Tasks' },
      { name: 'Agents' },
      { name: 'Results' },
      { name: 'Events' },
      { name: 'Keys' },
      { name: 'System' },
    ],
  });
}

/** Ways to say who is calling. */
export function registerSecurity(app: App): void {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
  });
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key, or a JSON web token: HS256 with JWT_SECRET, or of the identity provider at JWT_JWKS_URL',
  });
}
