/** Bodies are looked at no further than this, in characters: a title or a message comes early. */
const LOOKED_AT = 20_000;

/**
 * What a server says about an error, whatever the shape of its body: the provider's own, `message`, `detail` or `error` as
 * text, the first line of a plain text, or the title of a web page. On one line; '' when it says nothing.
 * @param body parsed JSON, or the text as it came
 */
export function saidIn(body: unknown): string {
  if (typeof body === 'string') return readableText(body);
  if (!isObject(body)) return Array.isArray(body) ? saidIn(body[0]) : '';
  for (const name of ['error', 'message', 'msg', 'detail', 'error_description', 'errors', 'title'] as const) {
    const value = body[name];
    const said = typeof value === 'string' ? oneLine(value) : saidIn(value);
    if (said !== '') return said;
  }
  return '';
}

/** Is this text a web page? Then something in front of the model server has answered, not the server itself. */
export function isWebPage(text: string): boolean {
  return /^\s*(?:<!--[\s\S]{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b/i.test(
    text.slice(0, LOOKED_AT),
  );
}

/** What a person would read first in a text: a page's title or first words, a JSON's message, else the first line. */
export function readableText(text: string): string {
  const head = text.slice(0, LOOKED_AT);
  if (isWebPage(head)) {
    const title = oneLine(/<title[^>]*>([^<]*)/i.exec(head)?.[1] ?? '');
    return title === '' ? oneLine(head.replace(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')) : title;
  }
  return oneLine(head.split(/\r?\n/).find((line) => line.trim() !== '') ?? '');
}

function oneLine(text: string): string {
  // Characters that steer a terminal have no place in a sentence.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
