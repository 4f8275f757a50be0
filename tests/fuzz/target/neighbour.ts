import { faultsOf } from '../judge/judge-answer.ts';
import { send } from '../wire/send.ts';
import type { Target } from './target.ts';

/** Another client: another key, and another address, so that nothing but the machine itself is shared. */
const NEIGHBOURS_ADDRESS = '127.0.0.2';

export interface Neighbour {
  /** What was wrong with its answers. A missing answer is one of `send`'s errors. */
  faults: string[];
  answered: number;
  /** Milliseconds of its slowest answer. */
  slowestMs: number;
}

/** Asks one API for its own swarm, over and over, until `work` has ended; at least once. */
export async function withNeighbour<T>(
  target: Target,
  api: number,
  work: Promise<T>,
): Promise<{ result: T; neighbour: Neighbour }> {
  const neighbour: Neighbour = { faults: [], answered: 0, slowestMs: 0 };
  const path = target.fill('/api/swarm/@other-finished@');
  const request = Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: ${target.keys.other}\r\n\r\n`,
  );
  let over = false;
  const asking = (async () => {
    do {
      const from = performance.now();
      const fault = await askOnce(target.ports[api] ?? 0, request, path);
      neighbour.slowestMs = Math.max(neighbour.slowestMs, Math.round(performance.now() - from));
      if (fault === undefined) neighbour.answered += 1;
      else neighbour.faults.push(`a neighbour: ${fault}`);
    } while (!over && neighbour.faults.length === 0);
  })();
  try {
    return { result: await work, neighbour };
  } finally {
    over = true;
    await asking;
  }
}

async function askOnce(port: number, request: Buffer, path: string): Promise<string | undefined> {
  try {
    const answer = await send(port, 'GET', request, NEIGHBOURS_ADDRESS);
    if (answer === 'closed') return 'closed without an answer';
    if (answer.status !== 200) return `${answer.status}: ${answer.body.toString().slice(0, 300)}`;
    return faultsOf(answer, { method: 'GET', target: path, seesAll: true })[0];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
