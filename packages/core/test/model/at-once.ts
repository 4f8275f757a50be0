import { isDeepStrictEqual } from 'node:util';
import type { Ledger } from '../../src/store/ledger.ts';
import { structureFaults } from '../ledger-invariants.ts';
import { choicesOf, eventLine, ledgerView, modelView } from './compare.ts';
import { look, outcomeOf, type Run } from './runner.ts';
import type { Model, Outcome } from './state.ts';
import type { Step } from './steps.ts';

function* orders<T>(list: readonly T[]): Generator<T[]> {
  if (list.length === 0) yield [];
  for (const [i, one] of list.entries())
    for (const rest of orders(list.toSpliced(i, 1))) yield [one, ...rest];
}

/**
 * Sends commands at the same moment, each over a connection of its own. Whatever came of them must be what comes of them
 * one after the other, in some order: the same outcomes, the same record, the same events.
 */
export async function takeAtOnce(
  run: Run,
  ledgers: readonly Ledger[],
  steps: readonly Step[],
): Promise<void> {
  run.done.push(`at once: ${steps.map((step) => step.name).join(' | ')}`);
  delete run.last;
  const real = await Promise.all(
    steps.map((step, i) => outcomeOf(step.real(ledgers[i] ?? run.ledger, run.swarmId))),
  );
  const { snapshot, journals } = await look(run);
  const events = snapshot?.events ?? [];
  const choices = choicesOf(events);
  const lines = events.map(eventLine).sort();
  const view = ledgerView(snapshot, journals);

  /** The model after the commands in this order, if it agrees with what is real. */
  const after = (order: readonly number[]): Model | undefined => {
    const model = structuredClone(run.world.model);
    const outcomes: Outcome[] = [];
    try {
      for (const i of order) outcomes[i] = steps[i]?.model(model, choices) ?? { error: 'no step' };
    } catch {
      // The ledger's choice of agents is not possible in this order.
      return undefined;
    }
    const told = model.told.splice(0).sort();
    const agrees = isDeepStrictEqual([outcomes, told, modelView(model)], [real, lines, view]);
    return agrees ? model : undefined;
  };
  for (const order of orders([...steps.keys()])) {
    const model = after(order);
    if (model === undefined) continue;
    run.world.model = model;
    const faults = snapshot === undefined ? [] : structureFaults(snapshot);
    const expected = run.seen + events.length;
    if (snapshot !== undefined && snapshot.swarm.seq !== expected) faults.push(`no event ${expected}`);
    if (faults.length > 0) throw new Error(report(run, faults));
    run.seen = snapshot?.swarm.seq ?? 0;
    return;
  }
  throw new Error(report(run, [`no order explains ${JSON.stringify({ real, lines, view }, undefined, 1)}`]));
}

const report = (run: Run, faults: readonly string[]) =>
  `${faults.join('\n')}\nafter\n  ${run.done.join('\n  ')}`;
