import { setTimeout as delay } from 'node:timers/promises';
import { OUTPUT_DRAIN_MS, PROCESS_READY_DEADLINE_MS, PROCESS_STOP_GRACE_MS } from '../tunables.ts';
import { firstLine } from './first-line.ts';
import { lastSentence } from './last-sentence.ts';
import { type LaunchOptions, launchNode } from './launch-node.ts';
import { collectLines, type OutputLine } from './output-lines.ts';
import { type ProcessPorts, readReadyLine } from './ready-line.ts';

export interface ProcessLine extends OutputLine {
  /** The name of the process that printed it. */
  process: string;
}

export interface ProcessOptions extends LaunchOptions {
  /** How it is called in messages, e.g. `worker-1`. */
  name: string;
  /** Every line of its output, as it arrives. */
  onLine?: (line: ProcessLine) => void;
  readyDeadlineMs?: number;
}

export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ManagedProcess {
  readonly name: string;
  /** Undefined when it could not be started at all. */
  readonly pid: number | undefined;
  /** As given in the newest ready line; empty before the first. */
  readonly ports: ProcessPorts;
  /** `http://127.0.0.1:<http port>`; throws when it has reported none. */
  readonly url: string;
  readonly running: boolean;
  /** Resolves at the ready line; rejects with the process's own last sentence when it ends first, or too late. */
  readonly ready: Promise<ProcessPorts>;
  readonly exited: Promise<ProcessExit>;
  /** Its last lines, oldest first. */
  lines(): OutputLine[];
  /** The first line, past (as far as kept) or coming, that fits. Rejects at the deadline or when it has ended. */
  waitForLine(predicate: (text: string) => boolean, deadlineMs: number, what?: string): Promise<string>;
  /** SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs?: number): Promise<ProcessExit>;
  /** Sends the signal (SIGTERM unless given); does not wait. */
  kill(signal?: NodeJS.Signals): void;
}

function describeEnd(end: ProcessExit, lines: OutputLine[]): string {
  const sentence = (stream: OutputLine['stream']) =>
    lastSentence(lines.filter((line) => line.stream === stream).map((line) => line.text));
  return (
    sentence('stderr') ??
    sentence('stdout') ??
    `It ended with ${end.signal ?? `exit code ${end.code}`} and printed nothing.`
  );
}

/** Starts one of our processes. It reports readiness with `{"event":"process.ready","ports":{...}}` on stdout. */
export function startProcess(options: ProcessOptions): ManagedProcess {
  const { name, onLine } = options;
  const { child, letGo } = launchNode(options);
  const output = collectLines({ stdout: child.stdout, stderr: child.stderr });
  let ports: ProcessPorts = {};
  let exit: ProcessExit | undefined;
  let startError: Error | undefined;

  const exited = new Promise<ProcessExit>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      exit = { code, signal };
      letGo();
      resolve(exit);
    };
    child.once('exit', end);
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      startError = error;
      end(null, null);
    });
  });
  const endedBecause = exited.then(async (end) => {
    await Promise.race([output.ended, delay(OUTPUT_DRAIN_MS)]);
    return startError?.message ?? describeEnd(end, output.all());
  });

  output.listen((line) => {
    ports = readReadyLine(line.text) ?? ports;
    onLine?.({ ...line, process: name });
  });
  const deps = { name, output, endedBecause };
  const readyDeadlineMs = options.readyDeadlineMs ?? PROCESS_READY_DEADLINE_MS;
  const ready = firstLine(deps, readReadyLine, { deadlineMs: readyDeadlineMs, what: 'ready line' });
  // Whoever waits for `ready` sees the rejection; nobody has to.
  ready.catch(() => {});

  const kill = (signal: NodeJS.Signals = 'SIGTERM') => {
    if (exit === undefined) child.kill(signal);
  };
  return {
    name,
    pid: child.pid,
    get ports() {
      return ports;
    },
    get url() {
      if (ports.http === undefined)
        throw new Error(`${name} has not reported a port on which it serves HTTP.`);
      return `http://127.0.0.1:${ports.http}`;
    },
    get running() {
      return exit === undefined;
    },
    ready,
    exited,
    lines: () => output.all(),
    waitForLine: (predicate, deadlineMs, what = 'expected line') =>
      firstLine(deps, (text) => (predicate(text) ? text : undefined), { deadlineMs, what }),
    async stop(graceMs = PROCESS_STOP_GRACE_MS) {
      kill('SIGTERM');
      const timer = setTimeout(() => kill('SIGKILL'), graceMs);
      const end = await exited;
      clearTimeout(timer);
      return end;
    },
    kill,
  };
}
