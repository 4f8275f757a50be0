import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { byteScript, type Step } from '../generate/byte-script.ts';
import { faultsOf } from '../judge/judge-answer.ts';
import { explore, type RunOptions, type Verdict } from '../run.ts';
import type { Target } from '../target/target.ts';
import { type Connection, openConnection } from '../wire/connection.ts';
import { readAnswers } from '../wire/read-answers.ts';

/**
 * With the target's impatience (see `IMPATIENCE`) each connection ends within 6 s of the last byte: half a request after
 * 1.5 s, an idle one after 1 s, a silent WebSocket after three pings. The rest is for a busy machine.
 */
const END_DEADLINE_MS = 40_000;
/** Connections open side by side: each mostly waits for its end. */
const AT_ONCE = 24;

/** Raw connections that say anything but a proper request: each has to end, and every answer has to be one. */
export function fuzzBytes(target: Target, options: RunOptions): Promise<Verdict> {
  const several = fc.array(byteScript, { minLength: 1, maxLength: AT_ONCE });
  const attempt = async (scripts: Step[][], place: number) => {
    const found = await Promise.all(
      scripts.map((script, index) => tryOne(target, script, (place + index) % target.ports.length)),
    );
    const faults = found.flat();
    if (faults.length > 0) throw new Error(faults.join('\n'));
  };
  return explore('bytes', target, several, attempt, options);
}

async function tryOne(target: Target, script: Step[], api: number): Promise<string[]> {
  const connection = openConnection(target.ports[api] ?? 0);
  try {
    for (const step of script) await perform(target, connection, step);
    const ended = await connection.until(() => connection.over, END_DEADLINE_MS);
    const what = JSON.stringify(script).slice(0, 300);
    if (!ended) return [`HANG: still open ${END_DEADLINE_MS / 1000} s after ${what}`];
    return answersIn(connection).map((fault) => `${what}: ${fault}`);
  } finally {
    connection.socket.destroy();
  }
}

async function perform(target: Target, { socket }: Connection, step: Step): Promise<void> {
  switch (step.do) {
    case 'send':
      if (socket.writable) socket.write(Buffer.from(target.fill(step.bytes), 'latin1'));
      return;
    case 'wait':
      // This is what the client does, not how long the test hopes.
      await delay(step.ms);
      return;
    case 'finish':
      socket.end();
      return;
    case 'reset':
      socket.resetAndDestroy();
  }
}

function answersIn(connection: Connection): string[] {
  try {
    return readAnswers(connection.received(), [], true).flatMap((answer) =>
      // What was asked is not known for sure any more; the shape of a refusal is.
      answer.whole && answer.status >= 200 ? faultsOf(answer, { method: 'GET', target: '' }) : [],
    );
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
