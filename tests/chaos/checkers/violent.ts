/** Deeds that end or cut off a process without its having a say; anything else must not cost a turn. */
export const VIOLENT =
  /^(SIGKILL|SIGSTOP|kill-before|kill-after|hold|blackhole|reset|delay|block|redis-killed|redis-full|redis-read-only|replies-withheld|out-of-memory|disk-full)/;
