import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { ClaudeFlowError } from '../../src/domain/errors.ts';
import type { Ledger } from '../../src/store/ledger.ts';
import { ledgerFaults, structureFaults } from '../ledger-invariants.ts';
import { type LedgerSnapshot, readLedger } from '../ledger-snapshot.ts';
import { choicesOf, eventLine, ledgerView, modelView } from './compare.ts';
import type { World } from './draw.ts';
import type { Outcome } from './state.ts';
import { type Step, steps } from './steps.ts';

/** One swarm of the real ledger, beside the model of it. */
export interface Run {
  ledger: Ledger;
  swarmId: string;
  world: World;
  /** The number of the last event seen. */
  seen: number;
  /** What was done, for the report of a failure. */
  done: string[];
  last?: Step;
}

export async function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  try {
    return { answer: await work };
  } catch (error) {
    if (error instanceof ClaudeFlowError) return { error: error.code };
    throw error;
  }
}

export interface Look {
  snapshot: LedgerSnapshot | undefined;
  journals: Map<string, string[]>;
}

export async function look(run: Run): Promise<Look> {
  const { ledger, swarmId } = run;
  const ids = [...(run.world.model.swarm?.tasks.keys() ?? [])];
  const journal = (id: string) => ledger.redis.lrange(ledger.keys.swarm(swarmId, 'journal', id), 0, -1);
  const [snapshot, ...lists] = await Promise.all([
    readLedger(ledger, swarmId, run.seen),
    ...ids.map(journal),
  ]);
  return { snapshot, journals: new Map(ids.map((id, i) => [id, lists[i] ?? []])) };
}

function same(what: string, run: Run, real: unknown, model: unknown): void {
  if (isDeepStrictEqual(real, model)) return;
  expect(real, `${what}\nafter\n  ${run.done.join('\n  ')}\n(expected: the model)`).toEqual(model);
}

/** The events of a step may come in any order (sets have none), except that nothing follows the swarm's end. */
const sorted = (lines: readonly string[]) => [...lines].sort();

/** Gives a command to both sides and compares everything. */
export async function take(run: Run, step: Step): Promise<void> {
  run.done.push(step.name);
  run.last = step;
  const real = await outcomeOf(step.real(run.ledger, run.swarmId));
  const { snapshot, journals } = await look(run);
  const events = snapshot?.events ?? [];
  const { model } = run.world;
  let expected: Outcome;
  try {
    expected = step.model(model, choicesOf(events));
  } catch (error) {
    throw new Error(`${(error as Error).message}\nafter\n  ${run.done.join('\n  ')}`, { cause: error });
  }
  const told = model.told.splice(0);
  same('the outcome of the command', run, real, expected);
  same('the swarm', run, ledgerView(snapshot, journals), modelView(model));
  if (snapshot === undefined) run.seen = 0;
  else {
    same('the events of the command', run, sorted(events.map(eventLine)), sorted(told));
    const numbers = events.map((event) => event.seq - run.seen);
    same(
      'the numbers of its events',
      run,
      numbers,
      Array.from(numbers, (_, i) => i + 1),
    );
    same('what is true of every ledger', run, structureFaults(snapshot), []);
    run.seen = snapshot.swarm.seq;
  }
}

/** The last command once more, as after a lost reply: nothing changes. */
export async function takeAgain(run: Run): Promise<void> {
  const step = run.last;
  if (step === undefined || step.again === 'acts') return;
  run.done.push('the same again');
  const before = await look(run);
  await outcomeOf(step.real(run.ledger, run.swarmId));
  const after = await look(run);
  same('a repeated command changed something', run, facts(after), facts(before));
}

/** Without what a renewal moves: the ends of leases, and with them their order. */
function facts({ snapshot, journals }: Look): unknown {
  if (snapshot === undefined) return { journals };
  return { ...snapshot, running: [...snapshot.running.keys()].sort(), journals };
}

/** At the end the events, read from the first, tell the whole story; and a delete leaves nothing. */
export async function finish(run: Run): Promise<void> {
  const { ledger, swarmId } = run;
  const snapshot = await readLedger(ledger, swarmId);
  if (snapshot !== undefined) same('what is true of every ledger', run, ledgerFaults(snapshot), []);
  const journals = [...(run.world.model.swarm?.tasks.keys() ?? [])];
  await take(run, steps.remove());
  const keys = [
    ...ledger.keys.allOfSwarm(swarmId),
    ...journals.map((id) => ledger.keys.swarm(swarmId, 'journal', id)),
  ];
  same('keys left after the delete', run, await ledger.redis.exists(...keys), 0);
}
