/** An element of the loose markup in prompts. Not XML: bodies may hold any text. */
type Element = { attributes: string; body: string };

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&apos;': "'",
  '&amp;': '&',
};

const decodeEntities = (text: string): string =>
  text.replace(/&(?:lt|gt|quot|apos|amp|#39);/g, (entity) => ENTITIES[entity] ?? entity);

/** All elements of a name, in order; `<files>` does not match `<file>`. */
export const elementsOf = (text: string, name: string): Element[] => {
  const pattern = new RegExp(`<${name}((?:\\s[^>]*)?)>([\\s\\S]*?)</${name}>`, 'g');
  return [...text.matchAll(pattern)].map((match) => ({
    attributes: match[1] ?? '',
    body: decodeEntities(match[2] ?? ''),
  }));
};

/** The trimmed text of the first element of a name; empty when there is none. */
export const textOf = (text: string, name: string): string => elementsOf(text, name)[0]?.body.trim() ?? '';

/** An attribute's value; empty when it is not there. */
export const attributeOf = (element: Element, name: string): string =>
  decodeEntities(new RegExp(`\\b${name}="([^"]*)"`).exec(element.attributes)?.[1] ?? '');
