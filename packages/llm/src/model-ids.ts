/** Is `name` the model `id`, by its own name or a dated one (`claude-opus-5-5-20260922`, `claude-opus-5-5-latest`)? */
export function isModel(name: string, id: string): boolean {
  if (name === id) return true;
  return name.startsWith(`${id}-`) && /^(?:[0-9]{8}|latest)$/.test(name.slice(id.length + 1));
}
