/** Bytes to a token: no real tokenizer, but deterministic and close enough for budgets, limits and caches. */
const BYTES_PER_TOKEN = 4;

/** Role marks and separators around each message. */
export const TOKENS_PER_MESSAGE = 3;

/** Tokens of a text. */
export const countText = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** The longest beginning of a text that fits into so many tokens, never cutting a character in two. */
export const truncateToTokens = (text: string, tokens: number): string => {
  const limit = tokens * BYTES_PER_TOKEN;
  if (Buffer.byteLength(text) <= limit) return text;
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > limit) break;
    kept += character;
  }
  return kept;
};
