import { announceStack } from '@claude-flow/local-stack/running-stacks';
import type { Stack } from '@claude-flow/local-stack/stack';

/**
 * Lets other commands of this user find the stack by its private Redis. One of the user's own is not written down: its
 * address may hold a password.
 * @returns takes that back
 */
export async function announce(
  command: string,
  stack: Stack,
  redisPrefix: string | undefined,
): Promise<() => Promise<void>> {
  const [apiUrl] = stack.apiUrls;
  if (stack.redis === undefined || apiUrl === undefined) return async () => {};
  const { redisUrl } = stack;
  const prefix = redisPrefix === undefined ? {} : { redisPrefix };
  return announceStack({ pid: process.pid, command, apiUrl, redisUrl, ...prefix });
}
