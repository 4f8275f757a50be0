import type { AgentDelta } from '../contracts/swarm-event.ts';
import { DELTA_EVERY_MS } from '../runtime/tunables.ts';
import type { Ledger } from '../store/ledger.ts';

export interface DeltaPublisher {
  write(text: string): void;
  /** Sends what is left. */
  flush(): void;
}

/** Gathers an agent's text and publishes it at most ten times a second. Lost text is lost: it is not an event. */
export function createDeltaPublisher(
  ledger: Ledger,
  from: Omit<AgentDelta, 'text'>,
  everyMs = DELTA_EVERY_MS,
): DeltaPublisher {
  let pending = '';
  let timer: NodeJS.Timeout | undefined;
  const send = () => {
    clearTimeout(timer);
    timer = undefined;
    if (pending === '') return;
    const message: AgentDelta = { ...from, text: pending };
    pending = '';
    ledger.redis
      .publish(ledger.keys.deltasChannel(from.swarmId), JSON.stringify(message))
      .catch(() => undefined);
  };
  return {
    write(text) {
      pending += text;
      timer ??= setTimeout(send, everyMs);
    },
    flush: send,
  };
}
