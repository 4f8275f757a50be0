import type { App } from '../http/add-routes.ts';
import { EXAMPLES } from './examples.ts';
import { tidySchema } from './schemas.ts';

/** The description of the whole API, from the schemas that check requests and shape answers. */
export function openApiDocument(app: App, version: string) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Claude-Flow',
      version,
      description:
        'Runs swarms of Claude agents. Times in bodies are ISO 8601, durations milliseconds. Ignore fields and event types ' +
        'that you do not know: there will be more. Errors are RFC 9457 problem documents, and carry error and message beside. ' +
        'Besides what is listed, any address may answer 404 (nothing there) and 405 (another method, see Allow). What is not ' +
        'yours does not exist: 404.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, { bearer: [] }],
    tags: [
      { name: 'Swarms', description: 'Create them, and decide how they go on' },
      { name: 'Tasks', description: 'What is to be done in a swarm' },
      { name: 'Agents', description: 'Who does it' },
      { name: 'Results', description: 'What came of it: outputs, files, measures, logs' },
      { name: 'Approvals', description: 'What agents ask people, and their decisions' },
      { name: 'Events', description: 'Every change, live and from the past' },
      { name: 'Keys', description: 'API keys: who may come in, and what for' },
      { name: 'System', description: 'Probes and measurements of the server itself' },
    ],
  });
  addExamples(document);
  for (const schema of Object.values(document.components?.schemas ?? {})) tidySchema(schema);
  for (const path of Object.values(document.paths ?? {})) tidySchema(path);
  return document;
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
  registry.registerComponent('securitySchemes', 'ticket', {
    type: 'apiKey',
    in: 'query',
    name: 'ticket',
    description:
      'Of POST /api/ws-ticket, for one WebSocket or event stream: browsers cannot send headers with them',
  });
}

type Document = ReturnType<App['getOpenAPI31Document']>;

/** Whole bodies, as they look, where the routes are shown. */
function addExamples(document: Document): void {
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of [path.get, path.post, path.delete]) {
      const examples = EXAMPLES[operation?.operationId ?? ''];
      if (operation === undefined || examples === undefined) continue;
      const { requestBody, responses = {} } = operation;
      if (requestBody !== undefined && 'content' in requestBody) {
        setExample(requestBody.content, examples.request);
      }
      for (const [status, response] of Object.entries(responses)) {
        if (status.startsWith('2') && 'content' in response) setExample(response.content, examples.answer);
      }
    }
  }
}

function setExample(content: Record<string, { example?: unknown }> | undefined, example: unknown): void {
  const media = content?.['application/json'];
  if (media !== undefined && example !== undefined) media.example = example;
}
