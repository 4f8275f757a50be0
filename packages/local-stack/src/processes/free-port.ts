import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which Linux (32768+) and macOS (49152+) take the local ports of outgoing connections.
 * A server that goes away and comes back on such a port could find it taken by its own clients' attempts.
 */
const LOWEST = 18_000;
const HIGHEST = 31_999;
const TRIES = 50;

/** True when a server could listen on this loopback port now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A loopback port that was free a moment ago. Only for programs that cannot take port 0 (Redis), or that must
 * keep their port over a restart: our own processes take port 0 and report the port in their ready line.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (await isPortFree(port)) return port;
  }
  throw new Error(
    `No free port found between ${LOWEST} and ${HIGHEST} on 127.0.0.1: stop some of the programs that listen there.`,
  );
}
