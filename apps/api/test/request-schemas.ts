import { description } from './described.ts';

/** A part of the description: what a value of a request may be. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  example?: unknown;
  anyOf?: Schema[];
  'x-max-bytes'?: number;
}
/** `*` stands for the entries of a list. */
export type Path = readonly string[];

interface Parameter {
  in: string;
  name: string;
  schema: Schema;
}

interface RequestBody {
  method: string;
  path: string;
  schema: Schema;
}

interface Described {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
}
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation: operation as Described })),
);

/** Every JSON body that a route takes. */
export const requestBodies: RequestBody[] = operations.flatMap(({ method, path, operation }) =>
  Object.values(operation.requestBody?.content ?? {}).map(({ schema = {} }) => ({ method, path, schema })),
);

/** Every parameter of every route. */
export const requestParameters = operations.flatMap(({ method, path, operation }) =>
  (operation.parameters ?? []).map((parameter) => ({ method, path, ...parameter })),
);

export function resolve(schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  if (name === undefined) return schema;
  const found = description.components.schemas[name];
  if (found === undefined) throw new Error(`The description has no schema ${name}.`);
  return resolve(found as Schema);
}

/** A schema and all that it is made of, with where each part stands. */
export function* parts(given: Schema, path: Path = []): Generator<{ path: Path; schema: Schema }> {
  const schema = resolve(given);
  yield { path, schema };
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    yield* parts(property, [...path, name]);
  if (schema.items !== undefined) yield* parts(schema.items, [...path, '*']);
  for (const one of schema.anyOf ?? []) yield* parts(one, path);
}

/** A small value that a schema allows: of an object, only what has to be there. */
export function sample(given: Schema): unknown {
  const schema = resolve(given);
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf?.[0] !== undefined) return sample(schema.anyOf[0]);
  switch (schema.type) {
    case 'string':
      return 'a'.repeat(Math.max(1, schema.minLength ?? 1));
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
    case 'boolean':
      return false;
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}));
    default: {
      const { properties = {}, required = [] } = schema;
      return Object.fromEntries(required.map((name) => [name, sample(properties[name] ?? {})]));
    }
  }
}

/** A body of this schema in which `value` stands at `path`, and beside it only what has to be there. */
export function bodyWith(given: Schema, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const schema = resolve(given);
  if (step === '*') return [bodyWith(schema.items ?? {}, rest, value)];
  const whole = sample(schema) as Record<string, unknown>;
  return { ...whole, [step]: bodyWith(schema.properties?.[step] ?? {}, rest, value) };
}
