/** A JSON schema without these keywords, at any depth. @param schema anything else is given back as it is */
export function plainSchema(schema: unknown, keywords: ReadonlySet<string>): unknown {
  if (Array.isArray(schema)) return schema.map((part) => plainSchema(part, keywords));
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([name, value]) => {
      if (keywords.has(name)) return [];
      if (!OF_NAMES.has(name) || !isObject(value))
        return [[name, VALUES.has(name) ? value : plainSchema(value, keywords)]];
      return [
        [
          name,
          Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainSchema(part, keywords)])),
        ],
      ];
    }),
  );
}

/** Their fields are names of the schema's author, not keywords. */
const OF_NAMES: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'patternProperties']);
/** What is in them is data, not a schema. */
const VALUES: ReadonlySet<string> = new Set(['enum', 'const', 'required', 'examples', 'default']);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
