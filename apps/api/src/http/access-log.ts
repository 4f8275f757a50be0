import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cutText } from '@claude-flow/core/domain/cut-text';
import { ClaudeFlowError, errorMessage } from '@claude-flow/core/domain/errors';
import type { Logger } from '@claude-flow/core/runtime/logger';

/** One request, as it is written down. */
export interface Access {
  address: string;
  /** Who asked; undefined for a stranger. */
  owner: string | undefined;
  /** Milliseconds since 1970. */
  at: number;
  method: string;
  /** Without its query, which may hold a ticket. */
  path: string;
  status: number;
  /** Of the answer's body; undefined where it is not known beforehand. */
  bytes: string | undefined;
  referrer: string | undefined;
  agent: string | undefined;
}

export interface AccessLog {
  write(access: Access): void;
  close(): void;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Characters of what a client chooses. */
const MAX_TEXT = 500;

/**
 * Appends to a file in Apache's combined format, which log analysers read. It may be truncated in place while it is written.
 * @throws ClaudeFlowError `config_invalid` when the file cannot be opened
 */
export async function openAccessLog(file: string, log: Logger): Promise<AccessLog> {
  const stream = await opened(file);
  stream.on('error', (error) =>
    log.warn({ event: 'access_log.failed', err: error }, 'The access log cannot be written'),
  );
  return {
    write: (access) => stream.write(combinedLine(access)),
    close: () => stream.end(),
  };
}

async function opened(file: string): Promise<WriteStream> {
  try {
    await mkdir(dirname(file), { recursive: true });
    const stream = createWriteStream(file, { flags: 'a', mode: 0o640 });
    await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject));
    return stream;
  } catch (error) {
    const message = `ACCESS_LOG: the file ${file} cannot be written (${errorMessage(error)}).`;
    throw new ClaudeFlowError('config_invalid', message);
  }
}

export function combinedLine(access: Access): string {
  const { address, owner, at, method, path, status, bytes, referrer, agent } = access;
  const asked = `${word(method)} ${word(path)} HTTP/1.1`;
  const page = referrer?.split(/[?#]/)[0];
  return (
    `${word(address)} - ${word(owner)} [${clock(at)}] "${asked}" ${status} ${bytes ?? '-'} ` +
    `"${quoted(page)}" "${quoted(agent)}"\n`
  );
}

/** In the place of one field: no white space, no quotes. */
function word(text: string | undefined): string {
  return quoted(text).replaceAll(' ', '\\x20');
}

/** Nothing that ends a quote or a line, and no control of a terminal. */
function quoted(text: string | undefined): string {
  if (text === undefined || text === '') return '-';
  const bytes = Buffer.from(cutText(text, MAX_TEXT));
  return [...bytes].map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : escapedByte(byte))).join('');
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const isPlain = (byte: number) => byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH;
const escapedByte = (byte: number) => `\\x${byte.toString(16).padStart(2, '0')}`;

/** `10/Oct/2000:13:55:36 +0000` */
function clock(at: number): string {
  const time = new Date(at);
  const day = String(time.getUTCDate()).padStart(2, '0');
  return `${day}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}:${time.toISOString().slice(11, 19)} +0000`;
}
