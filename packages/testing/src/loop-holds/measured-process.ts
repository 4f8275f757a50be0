import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type LaunchOptions, launchNode } from '@claude-flow/local-stack/processes/launch-node';
import { collectLines } from '@claude-flow/local-stack/processes/output-lines';
import { readReadyLine } from '@claude-flow/local-stack/processes/ready-line';
import { waitFor } from '../wait-for.ts';

const PROBE = fileURLToPath(new URL('./probe.ts', import.meta.url));
const READY = { deadlineMs: 60_000, what: 'the ready line of the measured process' };
const STOP_GRACE_MS = 10_000;

/** One of our processes, on its own, whose event loop is measured. */
export interface MeasuredProcess {
  url: string;
  /** Processor time of the longest stretch between two turns of its loop since this was last asked, in milliseconds. */
  takeLongestHold(): Promise<number>;
  /** Processor time that it takes there to parse a JSON text, in milliseconds: what a hold is compared with. */
  parseTime(json: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startMeasured(options: LaunchOptions): Promise<MeasuredProcess> {
  const nodeArgs = ['--import', PROBE, ...(options.nodeArgs ?? [])];
  const { child, letGo } = launchNode({ ...options, nodeArgs });
  const exited = once(child, 'exit').finally(letGo);
  const output = collectLines({ stdout: child.stdout, stderr: child.stderr });
  const { http } = await waitFor(() => {
    if (child.exitCode !== null) throw new Error(output.all().at(-1)?.text);
    return output
      .all()
      .map(({ text }) => readReadyLine(text))
      .find((ports) => ports !== undefined);
  }, READY);
  const ask = async (question: object): Promise<number> => {
    const answer = once(child, 'message');
    child.send(question);
    const [{ ms }] = (await answer) as [{ ms: number }];
    return ms;
  };
  return {
    url: `http://127.0.0.1:${http}`,
    takeLongestHold: () => ask({ holds: 'take' }),
    parseTime: (json) => ask({ holds: 'reference', json }),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
