import { AsyncLocalStorage } from 'node:async_hooks';

/** What a coordinator does that may also be asked for over HTTP. */
export type CallKind = 'createSwarm' | 'createTask' | 'spawnAgent';

/** One HTTP request that is being answered by a coordinator's method. */
interface HttpCall {
  kind: CallKind;
  /** The route itself: what the method of the base class does within a request. */
  proceed(body: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** Tells a coordinator's own method that it runs for a request, however many overrides lie in between. */
export interface HttpCalls {
  run<Answer>(call: HttpCall, work: () => Promise<Answer>): Promise<{ answer: Answer; proceeded: boolean }>;
  /** The request's call, for the first method of that kind that asks. */
  take(kind: CallKind): HttpCall | undefined;
}

/** The route refused; the response stands already. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: number;
  readonly code: string | undefined;

  constructor(status: number, message: string, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function createHttpCalls(): HttpCalls {
  const storage = new AsyncLocalStorage<{ call: HttpCall; taken: boolean }>();
  return {
    async run(call, work) {
      const state = { call, taken: false };
      const answer = await storage.run(state, work);
      return { answer, proceeded: state.taken };
    },
    take(kind) {
      const state = storage.getStore();
      if (state === undefined || state.taken || state.call.kind !== kind) return undefined;
      state.taken = true;
      return state.call;
    },
  };
}
