import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Balancer {
  url: string;
  /** Requests that a backend refused, or broke off. */
  readonly broken: string[];
  /** Of those that are ready, by the last look. */
  readonly ready: readonly string[];
  /** Requests that were sent on, by backend. */
  readonly sent: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** As they usually do. */
const LOOK_EVERY_MS = 1_000;

/**
 * A plain balancer: sends each request to the next backend that last said it was ready, over connections that it keeps. It tries
 * nothing twice, so that whatever a backend does not answer shows.
 */
export async function startBalancer(backends: readonly string[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const stopped = new AbortController();
  const broken: string[] = [];
  const sent = new Map<string, number>();
  let ready: string[] = [];
  let turn = 0;

  async function look(): Promise<void> {
    const answers = await Promise.all(
      backends.map((url) =>
        fetch(`${url}/readyz`, { signal: AbortSignal.timeout(LOOK_EVERY_MS) }).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    );
    ready = backends.filter((_url, i) => answers[i]);
  }

  async function keepLooking(): Promise<void> {
    while (!stopped.signal.aborted) {
      await look();
      await sleep(LOOK_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  function sendOn(incoming: IncomingMessage, outgoing: ServerResponse): void {
    turn += 1;
    const backend = ready[turn % ready.length];
    if (backend === undefined) {
      broken.push(`${incoming.method} ${incoming.url}: no backend is ready`);
      outgoing.writeHead(503).end();
      return;
    }
    sent.set(backend, (sent.get(backend) ?? 0) + 1);
    const fail = (error: Error) => {
      broken.push(`${incoming.method} ${incoming.url} at ${backend}: ${error.message}`);
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    };
    const { method, url, headers } = incoming;
    const passed = request(`${backend}${url}`, { method, headers, agent }, (answer) => {
      const { connection: _ours, ...others } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, others);
      answer.once('error', fail);
      answer.pipe(outgoing);
    });
    passed.once('error', fail);
    incoming.pipe(passed);
  }

  await look();
  const looking = keepLooking();
  const server = createServer(sendOn);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    broken,
    get ready() {
      return ready;
    },
    sent,
    async close() {
      stopped.abort();
      await looking;
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
