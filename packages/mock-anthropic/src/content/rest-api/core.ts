import type { Draft } from '../kit.ts';
import type { Objective } from '../objective.ts';
import type { Field } from './fields.ts';

const CHECKS: Readonly<Record<Field['kind'], string>> = {
  text: "(value) => (typeof value === 'string' && value.trim() !== '' ? null : 'must be a non-empty text')",
  email:
    "(value) => (typeof value === 'string' && /^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$/.test(value) ? null : 'must be an e-mail address')",
  number: "(value) => (Number.isFinite(value) && value >= 0 ? null : 'must be a number of 0 or more')",
  integer:
    "(value) => (Number.isInteger(value) && value >= 0 ? null : 'must be a whole number of 0 or more')",
  boolean: "(value) => (typeof value === 'boolean' ? null : 'must be true or false')",
  date: "(value) =>\n    typeof value === 'string' && /^\\d{4}-\\d{2}-\\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? null : 'must be a date like 2026-01-31'",
  choice:
    "(value, field) => (field.choices.includes(value) ? null : 'must be one of ' + field.choices.join(', '))",
};

const fieldLine = (field: Field): string => {
  const choices =
    field.choices === undefined ? '' : `, choices: ${JSON.stringify(field.choices).replaceAll('"', "'")}`;
  return `  { name: '${field.name}', kind: '${field.kind}', required: ${field.required === true}${choices} },`;
};

/** `src/validation.js`: what a record must look like. */
export const validationFile = (objective: Objective, fields: readonly Field[]): Draft => {
  const { noun } = objective;
  const kinds = [...new Set(fields.map((field) => field.kind))];
  return {
    path: 'src/validation.js',
    content: `/** The fields of a ${noun.one}, checked on every write. */
export const fields = [
${fields.map(fieldLine).join('\n')}
];

const checks = {
${kinds.map((kind) => `  ${kind}: ${CHECKS[kind]},`).join('\n')}
};

/**
 * Checks the fields of a ${noun.one}.
 * @param {unknown} input what the client sent
 * @param {{ partial?: boolean }} options partial: missing fields are fine (an update)
 * @returns {{ value: Record<string, unknown>, errors: Array<{ field: string, message: string }> }}
 */
export function validate${noun.One}(input, { partial = false } = {}) {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { value: {}, errors: [{ field: '', message: 'must be an object' }] };
  }
  const value = {};
  const errors = [];
  for (const field of fields) {
    const given = input[field.name];
    if (given === undefined) {
      if (field.required && !partial) errors.push({ field: field.name, message: 'is required' });
      continue;
    }
    const message = checks[field.kind](given, field);
    if (message === null) value[field.name] = typeof given === 'string' ? given.trim() : given;
    else errors.push({ field: field.name, message });
  }
  const known = new Set(fields.map((field) => field.name));
  for (const name of Object.keys(input)) {
    if (!known.has(name)) errors.push({ field: name, message: 'is not a field of a ${noun.one}' });
  }
  return { value, errors };
}
`,
  };
};

/** `src/store.js`: records in memory behind a small interface. */
export const storeFile = (objective: Objective, fields: readonly Field[]): Draft => {
  const { noun } = objective;
  const unique = fields.filter((field) => field.unique).map((field) => `'${field.name}'`);
  const texts = fields.filter((field) => field.kind === 'text' || field.kind === 'email');
  return {
    path: 'src/store.js',
    content: `import { randomUUID } from 'node:crypto';

/** Another ${noun.one} already has that value. */
export class ConflictError extends Error {
  constructor(field) {
    super('another ${noun.one} has the same ' + field);
    this.name = 'ConflictError';
    this.field = field;
  }
}

const uniqueFields = [${unique.join(', ')}];
const searchedFields = [${texts.map((field) => `'${field.name}'`).join(', ')}];

const same = (a, b) => String(a).toLowerCase() === String(b).toLowerCase();

/**
 * Keeps ${noun.many} in memory. The methods are async so that a database can take its place.
 * @param {{ now?: () => Date }} options
 */
export function create${noun.One}Store({ now = () => new Date() } = {}) {
  const rows = new Map();

  const checkUnique = (value, exceptId) => {
    for (const field of uniqueFields) {
      if (value[field] === undefined) continue;
      for (const row of rows.values()) {
        if (row.id !== exceptId && same(row[field], value[field])) throw new ConflictError(field);
      }
    }
  };

  const matches = (row, search) =>
    searchedFields.some((field) => String(row[field] ?? '').toLowerCase().includes(search.toLowerCase()));

  return {
    /** @returns {Promise<{ items: object[], total: number }>} in the order of creation */
    async list({ limit = 50, offset = 0, search = '' } = {}) {
      const found = [...rows.values()].filter((row) => search === '' || matches(row, search));
      return { items: found.slice(offset, offset + limit), total: found.length };
    },
    /** @returns {Promise<object | undefined>} */
    async get(id) {
      return rows.get(id);
    },
    /** @throws {ConflictError} */
    async create(value) {
      checkUnique(value);
      const at = now().toISOString();
      const row = { id: randomUUID(), ...value, createdAt: at, updatedAt: at };
      rows.set(row.id, row);
      return row;
    },
    /** @returns {Promise<object | undefined>} undefined when there is no such ${noun.one} @throws {ConflictError} */
    async update(id, patch) {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      checkUnique(patch, id);
      const changed = { ...row, ...patch, id, updatedAt: now().toISOString() };
      rows.set(id, changed);
      return changed;
    },
    /** @returns {Promise<boolean>} whether there was one */
    async remove(id) {
      return rows.delete(id);
    },
  };
}
`,
  };
};
