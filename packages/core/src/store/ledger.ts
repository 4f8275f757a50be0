import type { Deadlines } from '../redis/clock.ts';
import type { RedisClient } from '../redis/connect.ts';
import { createKeys, type Keys } from '../redis/keys.ts';
import { OUTCOME_NAMES, outcomeError } from '../redis/outcomes.ts';
import {
  loadScripts,
  type PlainCommand,
  type ScriptArgs,
  type ScriptReply,
  type Scripts,
} from '../redis/scripts.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { createTurns, type Turns } from '../runtime/turns.ts';

/** What every store function works on: a connection, the keys, the scripts. */
export interface Ledger {
  redis: RedisClient;
  keys: Keys;
  scripts: Scripts;
  /**
   * For whatever may be megabytes, by swarm: one portion after the other. All of a process's commands share one connection, so that
   * everybody's next answer comes after those that are on their way.
   */
  largeReads: Turns;
}

/**
 * @param options.eventsKept events kept per swarm, about; default `SWARM_EVENTS_KEPT`
 * @param options.deadlines where commands have callers that give up; workers and schedulers wait, and their tokens decide
 */
export function createLedger(options: {
  redis: RedisClient;
  prefix: string;
  metrics?: Metrics;
  eventsKept?: number;
  deadlines?: Deadlines;
}): Ledger {
  const keys = createKeys(options.prefix);
  const { metrics } = options;
  const observe =
    metrics === undefined
      ? undefined
      : (script: string, outcome: number, seconds: number) => {
          metrics.transitions.inc({ script, outcome: OUTCOME_NAMES[outcome] ?? String(outcome) });
          metrics.scriptSeconds.observe({ script }, seconds);
        };
  const { redis, eventsKept, deadlines } = options;
  const scripts = loadScripts(keys, { observe, eventsKept, deadlines });
  return { redis, keys, scripts, largeReads: createTurns() };
}

/** Runs a transition and throws its refusal as a typed error. */
export async function transition(
  ledger: Ledger,
  script: string,
  target: { swarmId: string; taskId?: string },
  args: ScriptArgs,
  each?: readonly ScriptArgs[],
): Promise<ScriptReply> {
  const reply = await ledger.scripts.run(ledger.redis, script, target, args, each);
  if (reply[0] < 0) throw outcomeError(reply[0], reply[1], script);
  return reply;
}

/** Plain commands on one key, in one step: of whatever is no state of a swarm. Refused once their caller has given up. */
export function write(ledger: Ledger, key: string, ...commands: PlainCommand[]): Promise<unknown> {
  return ledger.scripts.write(ledger.redis, key, commands);
}
