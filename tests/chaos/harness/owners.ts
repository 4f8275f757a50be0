/** Whose swarms all of a run are. */
export const OWNER_KEY = 'chaos-key-of-the-owner-0123456789abcdef';
/** Somebody else, who must see nothing of them. */
export const OTHER_KEY = 'chaos-key-of-another-0123456789abcdef00';

/** Environment of every process: both are known, and nobody is held back by a limit. */
export const OWNERS_ENV: Record<string, string> = {
  AUTH_ENABLED: 'true',
  API_KEYS: `${OWNER_KEY},${OTHER_KEY}`,
  RATE_LIMIT_MAX: '1000000',
  RATE_LIMIT_CREATIONS: '1000000',
  RATE_LIMIT_READS: '1000000',
};

export const as = (key: string): Record<string, string> => ({ 'x-api-key': key });
