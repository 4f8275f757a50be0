/** "...", a lone check mark or an empty line say nothing; a picture may be what was asked for. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}\p{RI}]|(?![✅✔☑])\p{Extended_Pictographic}/u.test(text);
}
