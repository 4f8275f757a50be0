import { isLoopback } from '@claude-flow/core/domain/loopback';
import { ApiError } from '../wire/errors.ts';
import type { AppContext } from './env.ts';

const nameOf = (host: string): string =>
  URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';

/**
 * The controls are for programs on this machine: by the address that the connection comes from, and never for a web page, which
 * may have pointed a name of its own here. @throws ApiError 403
 */
export const requireLoopback = async (c: AppContext, next: () => Promise<void>): Promise<void> => {
  const peer = c.env.incoming.socket.remoteAddress ?? '';
  const host = c.req.header('host');
  const ours = isLoopback(peer) && (host === undefined || isLoopback(nameOf(host)));
  if (!ours || c.req.header('origin') !== undefined) {
    throw new ApiError(
      403,
      'The controls answer programs on this machine only, under localhost or 127.0.0.1.',
    );
  }
  await next();
};
