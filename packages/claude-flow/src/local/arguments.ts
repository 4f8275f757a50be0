const UNKNOWN = /^Unknown option '([^']*)'/;
const UNEXPECTED = /^Unexpected argument '([^']*)'/;

/** What Node's own reader of arguments says is wrong, as a sentence for somebody who typed a command. */
export function argumentFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = UNKNOWN.exec(message)?.[1];
  if (unknown !== undefined) return `There is no option ${unknown}.`;
  const unexpected = UNEXPECTED.exec(message)?.[1];
  return unexpected === undefined ? message : `It takes no argument "${unexpected}".`;
}
