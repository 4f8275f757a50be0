/** One message of a server-sent event stream. */
export interface SseMessage {
  event: string;
  data: string;
  /** Last id seen so far in the stream. */
  id: string;
}

export interface SseParser {
  /** Takes a piece of the stream, cut anywhere, and gives the messages that it completes. */
  push(piece: string): SseMessage[];
}

/** Reads `text/event-stream` as the HTML standard says. A message that the stream's end cuts off is dropped. */
export function createSseParser(): SseParser {
  let rest = '';
  let atStart = true;
  let event = '';
  let data: string[] = [];
  let id = '';

  const line = (text: string): SseMessage | undefined => {
    if (text === '') {
      const message =
        data.length === 0 ? undefined : { event: event || 'message', data: data.join('\n'), id };
      event = '';
      data = [];
      return message;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon === -1 ? text : text.slice(0, colon);
    const value = colon === -1 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) id = value;
    return undefined;
  };

  return {
    push(piece) {
      rest += piece;
      if (atStart && rest !== '') {
        atStart = false;
        if (rest.startsWith('\uFEFF')) rest = rest.slice(1);
      }
      // A carriage return at the very end may be half of a CRLF.
      const held = rest.endsWith('\r') ? '\r' : '';
      const lines = (held === '' ? rest : rest.slice(0, -1)).split(/\r\n|\n|\r/);
      rest = (lines.pop() ?? '') + held;
      return lines.map(line).filter((message) => message !== undefined);
    },
  };
}
