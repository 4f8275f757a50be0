import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describeApi } from '../src/api-routes.ts';

interface Media {
  schema?: object;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}
interface Operation {
  operationId?: string;
  tags?: string[];
  summary?: string;
  security?: object[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
}
export interface OpenApi {
  openapi: string;
  tags: { name: string }[];
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
  paths: Record<string, Record<string, Operation>>;
}

/** The description as it is served. */
export const description = describeApi('0.0.0') as unknown as OpenApi;

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: 'api', components: description.components });

/** A schema of the description, its references into the description included. */
export function validatorOf(schema: object): ValidateFunction {
  return ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')));
}
export const faultsOf = (validate: ValidateFunction) => ajv.errorsText(validate.errors);

const validators = new Map<string, ValidateFunction>();
const patterns = Object.keys(description.paths)
  .map((path) => ({
    path,
    pattern: new RegExp(`^${path.replace('{path}', '.+').replace(/\{\w+\}/g, '[^/]+')}$`),
  }))
  // The exact ones first: /api/swarm/create is no swarm.
  .sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')));

/** @throws when a server answers what its description does not know: a status, or a body of another shape */
export function expectDescribed(
  method: string,
  url: string,
  answer: { status: number; contentType: string; json: unknown },
): void {
  const path = url.split('?')[0] ?? '';
  const known = patterns.filter(({ pattern }) => pattern.test(path));
  const operation = known
    .map((one) => ({ ...one, operation: description.paths[one.path]?.[method.toLowerCase()] }))
    .find((one) => one.operation !== undefined);
  if (operation?.operation === undefined) return;
  const where = `${method} ${operation.path} ${answer.status}`;
  const response = operation.operation.responses[String(answer.status)];
  if (response === undefined) throw new Error(`${where} is not in the description`);
  const type = answer.contentType.split(';')[0] ?? '';
  if (response.content === undefined && type === '' && answer.json === undefined) return;
  const media = response.content?.[type];
  if (media === undefined) throw new Error(`${where} came as ${type}, which is not in the description`);
  if (answer.json === undefined || media.schema === undefined) return;
  const validate = validators.get(where) ?? validatorOf(media.schema);
  validators.set(where, validate);
  if (!validate(answer.json)) throw new Error(`${where} is not as described: ${faultsOf(validate)}`);
}
