import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAll } from './checkers/check-all.ts';
import type { Violation } from './checkers/violation.ts';
import { createHistory, type History, ofKind } from './history.ts';
import { percentile, recoveryTimes } from './recovery.ts';

export interface RunOptions {
  seed: number;
  /** Told what happens, for people. */
  say: (text: string) => void;
}

export interface Verdict {
  mode: string;
  seed: number;
  violations: Violation[];
  historyPath: string;
  /** Swarms whose end was read. */
  swarms: number;
  /** Faults done, by name. */
  faults: Map<string, number>;
  /** Milliseconds, by fault. */
  recovery: Map<string, number[]>;
  repeatedTurns: number;
}

/** A new history file, in the system's folder for temporary files. */
export const newHistory = (mode: string, seed: number): History =>
  createHistory(join(tmpdir(), `claude-flow-chaos-${mode}-${seed}-${process.pid}-${Date.now()}.jsonl`));

/** Checks a history. Its file is kept only when something in it is wrong. */
export function verdictOf(mode: string, seed: number, history: History): Verdict {
  const { entries } = history;
  const faults = new Map<string, number>();
  for (const { action, target } of ofKind(entries, 'action')) {
    if (/^(start|exit|pass|SIGCONT|redis-back)/.test(action)) continue;
    const name = `${action} ${target.replace(/-\d+$/, '')}`;
    faults.set(name, (faults.get(name) ?? 0) + 1);
  }
  const violations = checkAll(entries);
  if (violations.length === 0) rmSync(history.path, { force: true });
  return {
    mode,
    seed,
    violations,
    historyPath: history.path,
    swarms: ofKind(entries, 'final').length,
    faults,
    recovery: recoveryTimes(entries),
    repeatedTurns: ofKind(entries, 'spend').at(-1)?.repeatedPrefixes ?? 0,
  };
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

const STARTS = "a cluster has one process of a kind, so that the new one's start is part of it";
/** What the times of a mode contain besides the product's own. */
const CONTAINED: Record<string, string> = {
  sweep: STARTS,
  approvals: STARTS,
  storm: 'faults overlap, so that a time may be due to another one',
};

/** The verdict for people; its last line says it all. */
export function describeVerdict(verdict: Verdict): string {
  const { mode, seed, violations, swarms, faults, recovery, repeatedTurns } = verdict;
  const contained = CONTAINED[mode] === undefined ? '' : `; ${CONTAINED[mode]}`;
  const width = Math.max(...[...recovery.keys()].map((name) => name.length));
  const total = [...faults.values()].reduce((sum, count) => sum + count, 0);
  const lines = [
    `Recovery by fault (${mode}): from the fault to the next attempt or progress of what it hit${contained}`,
    ...[...recovery]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(
        ([name, values]) =>
          `  ${name.padEnd(width)} p50 ${seconds(percentile(values, 0.5))}  p99 ${seconds(percentile(values, 0.99))}  (${values.length})`,
      ),
    ...violations
      .slice(0, 50)
      .map(({ invariant, swarmId, seen }) => `VIOLATED: ${invariant}: ${swarmId ?? ''} ${seen}`),
  ];
  const facts = `${swarms} swarms, ${total} faults, ${repeatedTurns} turns paid twice, seed ${seed}`;
  lines.push(
    violations.length === 0
      ? `chaos ${mode}: OK (${facts})`
      : `chaos ${mode}: ${violations.length} VIOLATIONS (${facts}); history: ${verdict.historyPath}`,
  );
  return lines.join('\n');
}
