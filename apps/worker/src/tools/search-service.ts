import { Worker } from 'node:worker_threads';
import { SEARCH_START_MS, SEARCH_TIME_MS } from '../tunables.ts';
import { ToolFailure } from '../workspace/paths.ts';
import type { SearchAnswer, SearchOrder, SearchReady } from './search-thread.ts';

/** Searches of all tasks of a worker, in one thread: a pattern can take for ever on a line, and nothing stops it in its own thread. */
export interface SearchService {
  /** @throws ToolFailure; the signal's reason */
  search(order: SearchOrder, signal: AbortSignal): Promise<SearchDone>;
  close(): Promise<void>;
}

export interface SearchDone {
  text: string;
  /** How long it waited for others, and for the thread to start. */
  waitedMs: number;
}

interface Waiting {
  order: SearchOrder;
  signal: AbortSignal;
  askedAt: number;
  settle: { resolve(done: SearchDone): void; reject(error: unknown): void };
}

/**
 * Tasks take turns: one that asks for many searches waits for its own. A search that is too long, or needs too much memory, ends the
 * thread, and the next one has a new one.
 */
export function createSearchService({ timeMs = SEARCH_TIME_MS } = {}): SearchService {
  /** By workspace, in the order of their turns. */
  const queues = new Map<string, Waiting[]>();
  let thread: Promise<Worker> | undefined;
  let busy = false;

  function next(): Waiting | undefined {
    const [first] = queues;
    if (first === undefined) return undefined;
    const [root, queue] = first;
    const waiting = queue.shift();
    queues.delete(root);
    if (queue.length > 0) queues.set(root, queue);
    return waiting;
  }

  async function pump(): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      for (let waiting = next(); waiting !== undefined; waiting = next()) await run(waiting);
    } finally {
      busy = false;
    }
  }

  async function run({ order, signal, askedAt, settle }: Waiting): Promise<void> {
    if (signal.aborted) return settle.reject(signal.reason);
    try {
      thread ??= startThread();
      const worker = await thread;
      const waitedMs = performance.now() - askedAt;
      const answer = await ask(worker, order, AbortSignal.any([signal, AbortSignal.timeout(timeMs)]));
      if (answer.failure === undefined) settle.resolve({ text: answer.text, waitedMs });
      else settle.reject(new ToolFailure(answer.failure));
    } catch (error) {
      await stopThread();
      settle.reject(signal.aborted ? signal.reason : failureOf(error, timeMs));
    }
  }

  async function stopThread(): Promise<void> {
    const ending = thread;
    thread = undefined;
    await (await ending?.catch(() => undefined))?.terminate();
  }

  return {
    search(order, signal) {
      return new Promise((resolve, reject) => {
        // Its turn may be long in coming. The signal is the attempt's, and outlives a search: nothing of it may stay there.
        const onAbort = () => reject(signal.reason);
        signal.addEventListener('abort', onAbort, { once: true });
        const settled = () => signal.removeEventListener('abort', onAbort);
        const settle: Waiting['settle'] = {
          resolve(done) {
            settled();
            resolve(done);
          },
          reject(error) {
            settled();
            reject(error);
          },
        };
        const queue = queues.get(order.root) ?? [];
        queue.push({ order, signal, askedAt: performance.now(), settle });
        queues.set(order.root, queue);
        void pump();
      });
    },
    close: stopThread,
  };
}

function startThread(): Promise<Worker> {
  const worker = new Worker(new URL('./search-thread.ts', import.meta.url), {
    // Neither our secrets nor our start options belong there.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  worker.unref();
  // Whoever waits for an answer is told; between two searches nobody is, and it must not take this process along.
  worker.on('error', () => undefined);
  const ready = nextMessage<SearchReady>(worker, AbortSignal.timeout(SEARCH_START_MS));
  return ready.then(
    () => worker,
    async (error: unknown) => {
      await worker.terminate();
      throw error;
    },
  );
}

function ask(worker: Worker, order: SearchOrder, signal: AbortSignal): Promise<SearchAnswer> {
  const answer = nextMessage<SearchAnswer>(worker, signal);
  worker.postMessage(order);
  return answer;
}

function nextMessage<Message>(worker: Worker, signal: AbortSignal): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: Message) => finish(() => resolve(message));
    const onError = (error: unknown) => finish(() => reject(error));
    const onAbort = () => finish(() => reject(new SearchTooLong()));
    const onExit = () => finish(() => reject(new Error('The search thread ended.')));
    const finish = (settle: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

class SearchTooLong extends Error {}

function failureOf(error: unknown, timeMs: number): unknown {
  const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  if (!(error instanceof SearchTooLong) && !outOfMemory) return error;
  const what = outOfMemory ? 'too much memory' : `longer than ${timeMs / 1000} seconds`;
  return new ToolFailure(
    `The search took ${what}. Name a folder, or use a simpler pattern without nested repetition.`,
  );
}
