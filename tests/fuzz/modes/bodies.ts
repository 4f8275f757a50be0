import { type LargeBody, largeBody } from '../generate/large-body.ts';
import { faultsOf } from '../judge/judge-answer.ts';
import { explore, type RunOptions, type Verdict } from '../run.ts';
import { withNeighbour } from '../target/neighbour.ts';
import type { Target } from '../target/target.ts';
import { bytesOf, send } from '../wire/send.ts';

/**
 * Processor time of an API for one request, neighbours included. The largest graph that is accepted takes well below half of
 * this on a slow machine; lists that were checked item by item, fault by fault, took more.
 */
const MAX_CPU_SECONDS = 3;

/** The largest bodies, one at a time to each API: a refusal or an acceptance, soon, while another client is answered. */
export async function fuzzBodies(target: Target, options: RunOptions): Promise<Verdict> {
  const worst = { cpu: 0, kind: 'none', neighbourMs: 0 };
  const attempt = async (large: LargeBody, place: number) => {
    const api = place % target.ports.length;
    const path = target.fill(large.target);
    const what = `${large.method} ${path}, ${large.bytes} bytes, ${large.kind}`;
    const body = target.fill(large.body());
    const bytes = bytesOf(
      {
        operationId: '',
        who: 'own',
        method: large.method,
        target: path,
        headers: [['Content-Type', 'application/json']],
        body,
        framing: 'length',
        coding: 'plain',
      },
      target.keys.own,
    );
    const before = await target.cpuSeconds(api);
    const { result: answer, neighbour } = await withNeighbour(
      target,
      api,
      send(target.ports[api] ?? 0, large.method, bytes),
    );
    const cpu = (await target.cpuSeconds(api)) - before;
    if (cpu > worst.cpu) Object.assign(worst, { cpu, kind: what });
    worst.neighbourMs = Math.max(worst.neighbourMs, neighbour.slowestMs);
    const faults = [...neighbour.faults];
    if (answer === 'closed') faults.push('closed without an answer');
    else faults.push(...faultsOf(answer, { method: large.method, target: path }));
    if (cpu > MAX_CPU_SECONDS)
      faults.push(`one request took ${cpu.toFixed(1)} s of the API's processor time`);
    if (faults.length > 0) throw new Error(faults.map((fault) => `${what}: ${fault}`).join('\n'));
  };
  const verdict = await explore('bodies', target, largeBody, attempt, options);
  const figures = `at most ${worst.cpu.toFixed(2)} s of processor time (${worst.kind}), neighbours at most ${worst.neighbourMs} ms`;
  return { ...verdict, figures };
}
