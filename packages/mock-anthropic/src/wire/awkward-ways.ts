/**
 * Ways in which servers that mean the Messages API have sent a good answer. All of them leave its meaning as it is, so a
 * client that copes loses nothing.
 */
export const AWKWARD = [
  'empty-text',
  'blank-text',
  'half-pair',
  'same-ids',
  'no-ids',
  'no-event-lines',
  'indexes-from-1',
  'one-index',
  'start-twice',
  'no-usage',
  'no-end',
  'whole',
] as const;
export type Awkward = (typeof AWKWARD)[number];
