import { readFileSync } from 'node:fs';

export interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  pattern?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
}
export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}
export interface Operation {
  operationId: string;
  /** Lower case. */
  method: string;
  /** With its names in braces. */
  path: string;
  parameters: Parameter[];
  body: Schema | undefined;
  /** Schema by media type, by status. */
  answers: Record<string, Record<string, Schema | undefined>>;
}

interface Described {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}
interface OpenApi {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
}

/** The contract as it is kept in the repository. */
const openApi: OpenApi = JSON.parse(
  readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'),
);

export const components = openApi.components;

export const operations: Operation[] = Object.entries(openApi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => ({
    operationId: described.operationId,
    method,
    path,
    parameters: described.parameters ?? [],
    body: described.requestBody?.content['application/json']?.schema,
    answers: Object.fromEntries(
      Object.entries(described.responses).map(([status, { content = {} }]) => [
        status,
        Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, schema])),
      ]),
    ),
  })),
);

const patterns = [...new Set(operations.map(({ path }) => path))]
  .map((path) => ({
    path,
    pattern: new RegExp(
      `^${path
        .replaceAll('.', '\\.')
        .replace('{path}', '.+')
        .replace(/\{\w+\}/g, '[^/]+')}$`,
    ),
  }))
  // The exact ones first: /api/swarm/create is no swarm.
  .sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')));

/** The operation that a request names; undefined when the contract has none. @param target a path, without its query */
export function operationOf(method: string, target: string): Operation | undefined {
  const fitting = patterns.filter(({ pattern }) => pattern.test(target)).map(({ path }) => path);
  return fitting
    .map((path) => operations.find((one) => one.path === path && one.method === method.toLowerCase()))
    .find((one) => one !== undefined);
}

export function resolved(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const found = components.schemas[schema.$ref.replace('#/components/schemas/', '')];
  if (found === undefined) throw new Error(`docs/openapi.json has no ${schema.$ref}`);
  return resolved(found);
}
