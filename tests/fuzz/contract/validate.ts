import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { components, type Schema } from './document.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: 'api', components });

const compiled = new Map<string, ValidateFunction>();

/** @returns what is wrong with a value, by the contract; undefined when nothing is */
export function shapeFault(schema: Schema, value: unknown): string | undefined {
  const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
  const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text));
  compiled.set(text, validate);
  return validate(value) ? undefined : ajv.errorsText(validate.errors);
}

export const PROBLEM: Schema = { $ref: '#/components/schemas/Problem' };
