import type { KitMaker } from '../kit.ts';
import { packageJson } from '../kit.ts';
import { storeFile, validationFile } from './core.ts';
import { fieldsFor } from './fields.ts';
import { routesFile, serverFile } from './surface.ts';
import { apiTestFile, unitTestFile } from './tests.ts';

/** A REST API for one kind of record: dependency-free Node, a store, validation, routes, tests. */
export const restApiKit: KitMaker = (objective) => {
  const { noun, wants } = objective;
  const fields = fieldsFor(noun.one);
  const names = fields.map((field) => (field.required ? field.name : `${field.name}?`)).join(', ');
  return {
    core: {
      title: `${noun.one} store and validation`,
      words:
        /\b(store|storage|stores|data|database|model|models|schema|persistence|validation|repository|entit(y|ies)|crud)\b/i,
      files: [validationFile(objective, fields), storeFile(objective, fields)],
      decisions: [
        `A ${noun.one} has the fields ${names}; unknown fields are refused.`,
        'The store is in memory behind an async interface, so that a database can take its place.',
      ],
    },
    surface: {
      title: `${noun.one} routes and HTTP server`,
      words: /\b(routes?|routing|endpoints?|http|server|handlers?|controllers?|gateway)\b/i,
      files: [routesFile(objective), serverFile(objective), packageJson(objective, 'src/server.js')],
      decisions: [
        `/${noun.slug} supports GET, POST, PATCH and DELETE; errors are JSON with a sentence.`,
        wants.auth
          ? 'A bearer token guards every route but /health when API_TOKEN is set.'
          : 'Only node:http is used; there is nothing to install.',
      ],
    },
    unitTests: [unitTestFile(objective, fields)],
    integrationTests: [apiTestFile(objective, fields)],
    contract: [
      `src/validation.js exports validate${noun.One}(input, { partial }) -> { value, errors }`,
      `src/store.js exports create${noun.One}Store() -> { list, get, create, update, remove } and ConflictError`,
      'src/routes.js exports createHandler({ store }) -> (request, response)',
      'src/server.js exports createServer(options) and listens on PORT when started directly',
    ],
    commands: ['npm start', `curl http://localhost:3000/${noun.slug}`, 'npm test'],
    features: [
      `Create, read, change, delete and list ${noun.many}, in pages and by text search.`,
      `Every write is checked; the answer names each wrong field (${names}).`,
      ...(wants.auth ? ['Access with a bearer token.'] : []),
    ],
  };
};
