/**
 * How long a provider asks to wait, in milliseconds: `retry-after-ms` (digits), else `retry-after` as RFC 9110 has it:
 * whole seconds, or a date. Anything else (negative, a date that has passed, words) asks for nothing.
 * @param now milliseconds since 1970
 */
export function retryAfterMs(headers: Pick<Headers, 'get'>, now: number): number | undefined {
  const precise = digits(headers.get('retry-after-ms'));
  if (precise !== undefined) return precise;
  const text = headers.get('retry-after');
  const seconds = digits(text);
  if (seconds !== undefined) return seconds * 1000;
  const wait = httpDate(text) - now;
  return wait > 0 ? wait : undefined;
}

/** Longer numbers of seconds are no waiting time (more than 30 years), and their milliseconds no exact number. */
const WHOLE_NUMBER = /^[0-9]{1,9}$/;

function digits(text: string | null): number | undefined {
  const trimmed = text?.trim() ?? '';
  return WHOLE_NUMBER.test(trimmed) && Number(trimmed) > 0 ? Number(trimmed) : undefined;
}

/** The three forms of RFC 9110: `Sun, 06 Nov 1994 08:49:37 GMT`, and the two obsolete ones. */
const HTTP_DATE =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, [0-9]{2}-[A-Z][a-z]{2}-[0-9]{2} [0-9:]{8} GMT|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [0-9]{4})$/;

/** Milliseconds since 1970, or NaN. */
function httpDate(text: string | null): number {
  const trimmed = text?.trim() ?? '';
  if (!HTTP_DATE.test(trimmed)) return Number.NaN;
  // The last form does not name its zone; it is GMT as well.
  return Date.parse(trimmed.endsWith('GMT') ? trimmed : `${trimmed} GMT`);
}
