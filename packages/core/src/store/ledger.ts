import type { Redis } from 'ioredis';
import { createKeys, type Keys } from '../redis/keys.ts';
import { OUTCOME_NAMES, outcomeError } from '../redis/outcomes.ts';
import {
  loadScripts,
  type ScriptArgs,
  type ScriptReply,
  type Scripts,
  type ScriptTarget,
} from '../redis/scripts.ts';
import type { Metrics } from '../runtime/metrics.ts';

/** What every store function works on: a connection, the keys, the scripts. */
export interface Ledger {
  redis: Redis;
  keys: Keys;
  scripts: Scripts;
  /** Agents at work in the whole fleet (CLAUDE_FLOW_MAX_AGENTS); undefined: what the fleet's workers can take. */
  maxAgents?: number;
}

export function createLedger(options: {
  redis: Redis;
  prefix: string;
  metrics?: Metrics;
  maxAgents?: number | undefined;
}): Ledger {
  const keys = createKeys(options.prefix);
  const { metrics, maxAgents } = options;
  const observe =
    metrics === undefined
      ? undefined
      : (script: string, outcome: number, seconds: number) => {
          metrics.transitions.inc({ script, outcome: OUTCOME_NAMES[outcome] ?? String(outcome) });
          metrics.scriptSeconds.observe({ script }, seconds);
        };
  const ledger = { redis: options.redis, keys, scripts: loadScripts(keys, observe) };
  return maxAgents === undefined ? ledger : { ...ledger, maxAgents };
}

/** Runs a transition and throws its refusal as a typed error. */
export async function transition(
  ledger: Ledger,
  script: string,
  target: ScriptTarget,
  args: ScriptArgs,
): Promise<ScriptReply> {
  const reply = await ledger.scripts.run(ledger.redis, script, target, args);
  if (reply[0] < 0) throw outcomeError(reply[0], reply[1]);
  return reply;
}
