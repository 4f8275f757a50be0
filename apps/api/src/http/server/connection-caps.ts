import type { Socket } from 'node:net';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { ServerConfig } from '../../config/config.ts';
import { addressGroup } from '../../limits/client-address.ts';
import type { ApiServer } from './api-server.ts';

/** A flood of connections must not become a flood of lines. */
const SAY_EVERY_MS = 10_000;

/** Ends connections that are too many: over all, and of one address. No answer: that would cost what is being saved. */
export function capConnections(
  server: ApiServer,
  config: Pick<ServerConfig, 'maxConnections' | 'maxConnectionsPerAddress'>,
  log: Logger,
): void {
  const { maxConnections, maxConnectionsPerAddress: perAddress } = config;
  let saidAt = 0;
  const say = (address: string | undefined, variable: string, max: number) => {
    if (Date.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = Date.now();
    log.warn(
      { event: 'http.connection_refused', address, max },
      `More than ${max} connections (${variable}): new ones are dropped.`,
    );
  };
  server.maxConnections = maxConnections;
  server.on('drop', (dropped) => say(dropped?.remoteAddress, 'MAX_CONNECTIONS', maxConnections));
  if (perAddress === undefined) return;

  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const group = addressGroup(socket.remoteAddress ?? 'unknown');
    const count = (open.get(group) ?? 0) + 1;
    open.set(group, count);
    socket.once('close', () => {
      const left = (open.get(group) ?? 1) - 1;
      if (left === 0) open.delete(group);
      else open.set(group, left);
    });
    if (count <= perAddress) return;
    say(group, 'MAX_CONNECTIONS_PER_ADDRESS', perAddress);
    socket.destroy();
  });
}
