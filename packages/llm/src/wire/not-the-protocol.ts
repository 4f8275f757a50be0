import { cutText } from '@claude-flow/core/domain/cut-text';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { readableText } from './error-quote.ts';

/** What is known of an answer when it turns out to be none. */
export interface AnswerSource {
  /** The server's origin: neither path nor credentials. */
  server: string;
  contentType: string | null;
}

/** Characters of an answer that are quoted: enough to recognise a web page or another protocol. */
const FIRST_WORDS = 120;

/**
 * The answer is none of the Messages API, and the next one would not be either: nothing is tried again.
 * @param what in a few words, after "does not speak the Messages API: "
 * @param begins how the answer begins
 */
export function notTheProtocol(source: AnswerSource, what: string, begins: string): ClaudeFlowError {
  const type = source.contentType ?? 'no content type';
  const words = readableText(begins);
  const quote = words === '' ? 'nothing in it' : `"${cutText(words, FIRST_WORDS, '...')}"`;
  return new ClaudeFlowError(
    'model_rejected',
    `The server at ${source.server} does not speak the Messages API: ${what} (${type}, beginning with ${quote}). Check ANTHROPIC_BASE_URL.`,
  );
}
