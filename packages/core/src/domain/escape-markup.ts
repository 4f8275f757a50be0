/**
 * What could open or close an element, whatever its name: `<` before anything but a digit, `=`, `-` or another `<`, also with white
 * space in between, as a model may read it. `a <= b` and `x < 5` stay as they are.
 */
const OPENS = /<(?=\s*[^\s\d=<-])/g;
/** What would be taken for one of our own entities. */
const ENTITY = /&(?=#?\w{1,10};)/g;

/**
 * Text of others, made part of a prompt: whatever it says, it cannot open or close an element there. Names, paths, summaries and
 * texts of callers and of agents all go through this. A reader gets the text back by reading `&lt;` as `<` and `&amp;` as `&`.
 */
export function escapeMarkup(text: string): string {
  return text.replace(ENTITY, '&amp;').replace(OPENS, '&lt;');
}

/** The same for one line: a name, a path, an entry of a list. */
export function escapeLine(text: string): string {
  return escapeMarkup(text.trim().replace(/\s+/g, ' '));
}

/** The same between double quotes. */
export function escapeAttribute(text: string): string {
  return escapeLine(text).replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
