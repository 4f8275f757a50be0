/** One HTTP answer. */
export interface WireAnswer {
  status: number;
  /** By lower-case name; of several the last. */
  headers: Record<string, string>;
  body: Buffer;
  /** Its end has come. */
  whole: boolean;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/**
 * Takes apart what a server has sent over one connection.
 * @param over the connection has ended: an answer without a length ends with it
 * @throws Error for bytes that are no HTTP answer
 */
export function readAnswers(bytes: Buffer, methods: readonly string[], over: boolean): WireAnswer[] {
  const answers: WireAnswer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(END_OF_HEAD, at);
    if (end < 0) break;
    const [start = '', ...lines] = bytes.toString('latin1', at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(start)?.[1]);
    if (Number.isNaN(status)) throw new Error(`no HTTP answer: ${JSON.stringify(start.slice(0, 200))}`);
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    at = end + END_OF_HEAD.length;
    const method = methods[answers.filter((answer) => answer.status >= 200).length] ?? 'GET';
    const { body, whole, next } = readBody(bytes, at, { status, headers, method, over });
    answers.push({ status, headers, body, whole });
    at = next;
    // What follows are frames.
    if (status === 101) break;
  }
  return answers;
}

interface Head {
  status: number;
  headers: Record<string, string>;
  method: string;
  over: boolean;
}

function readBody(bytes: Buffer, from: number, { status, headers, method, over }: Head) {
  const nothing = { body: Buffer.alloc(0), whole: true, next: from };
  if (status === 101) return { body: bytes.subarray(from), whole: true, next: bytes.length };
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return nothing;
  if (headers['transfer-encoding']?.includes('chunked')) return readChunks(bytes, from);
  const length = headers['content-length'];
  if (length === undefined) return { body: bytes.subarray(from), whole: over, next: bytes.length };
  const next = from + Number(length);
  return { body: bytes.subarray(from, next), whole: bytes.length >= next, next };
}

function readChunks(bytes: Buffer, from: number) {
  const chunks: Buffer[] = [];
  for (let at = from; ; ) {
    const line = bytes.indexOf('\r\n', at);
    const broken = { body: Buffer.concat(chunks), whole: false, next: bytes.length };
    if (line < 0) return broken;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    if (Number.isNaN(size)) throw new Error('a chunk of the answer has no size');
    const start = line + 2;
    if (bytes.length < start + size + 2) return broken;
    if (size === 0) return { body: Buffer.concat(chunks), whole: true, next: start + 2 };
    chunks.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}
