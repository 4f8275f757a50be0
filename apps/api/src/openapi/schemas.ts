/** More entries than any answer has: what bounds them in truth is the size of what a swarm may keep. */
export const LONGEST_LIST = 100_000;

/**
 * Says in a part of the description what its schemas leave out, for those who make clients of it: every list has a bound, and
 * what has a default is told in words. Many generators take a field with the keyword `default` for one that is always there,
 * also in requests, where the default is the very reason to leave it out.
 */
export function tidySchema(node: unknown): void {
  if (Array.isArray(node)) {
    for (const each of node) tidySchema(each);
    return;
  }
  if (!isRecord(node)) return;
  if (isList(node['type'])) node['maxItems'] ??= LONGEST_LIST;
  const { properties } = node;
  if (isRecord(properties)) for (const property of Object.values(properties)) tellDefault(property);
  for (const [name, each] of Object.entries(node)) if (!VALUES.has(name)) tidySchema(each);
}

/** These hold values, not schemas. */
const VALUES = new Set(['example', 'examples', 'default', 'enum', 'const']);

function tellDefault(property: unknown): void {
  if (!isRecord(property) || property['default'] === undefined) return;
  const { default: value, description } = property;
  delete property['default'];
  const told = `Default: ${typeof value === 'string' ? value : JSON.stringify(value)}.`;
  property['description'] =
    typeof description === 'string' ? `${description.replace(/([^.])$/, '$1.')} ${told}` : told;
}

const isList = (type: unknown) => type === 'array' || (Array.isArray(type) && type.includes('array'));

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
