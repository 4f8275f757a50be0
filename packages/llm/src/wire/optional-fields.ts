import { type DroppedField, fieldsToDrop, withoutField } from './droppable-fields.ts';

/** Servers and models whose refusals are remembered at once: more than any installation has. */
const REMEMBERED = 200;

export interface OptionalFields {
  /** The request without what this server refused for this model before. */
  prepare(server: string, body: Record<string, unknown>): Record<string, unknown>;
  /**
   * The request without the optional fields that a refusal names; undefined when it names none.
   * @param said the body of the refusal
   */
  without(
    body: Record<string, unknown>,
    said: string,
  ): { body: Record<string, unknown>; dropped: DroppedField[] } | undefined;
  /** A request without these fields was accepted: they are left out from now on. */
  remember(server: string, body: Record<string, unknown>, dropped: readonly DroppedField[]): void;
}

/** What this process has learned about servers, in its memory. */
export function createOptionalFields(): OptionalFields {
  const known = new Map<string, DroppedField[]>();
  const keyOf = (server: string, body: Record<string, unknown>) => `${server} ${String(body['model'])}`;
  return {
    prepare(server, body) {
      return (known.get(keyOf(server, body)) ?? []).reduce(withoutField, body);
    },
    without(body, said) {
      const dropped = fieldsToDrop(body, said);
      return dropped.length === 0 ? undefined : { body: dropped.reduce(withoutField, body), dropped };
    },
    remember(server, body, dropped) {
      const key = keyOf(server, body);
      const before = known.get(key) ?? [];
      known.delete(key);
      known.set(key, [...before, ...dropped.filter(lasts)]);
      const oldest = known.keys().next();
      if (known.size > REMEMBERED && !oldest.done) known.delete(oldest.value);
    },
  };
}

const lasts = (dropped: DroppedField): boolean => dropped.kind !== 'max_tokens' || dropped.lasting;

/** For a log: what is left out. */
export function nameOf(dropped: DroppedField): string {
  switch (dropped.kind) {
    case 'field':
      return dropped.name;
    case 'cache_control':
      return 'cache_control';
    case 'max_tokens':
      return `max_tokens above ${dropped.limit}`;
    case 'keyword':
      return `${dropped.name} in the schemas of tools`;
  }
}
