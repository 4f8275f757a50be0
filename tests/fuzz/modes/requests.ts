import fc from 'fast-check';
import { type FuzzRequest, fuzzRequest } from '../generate/request.ts';
import { faultsOf } from '../judge/judge-answer.ts';
import { explore, type RunOptions, type Verdict } from '../run.ts';
import type { Target } from '../target/target.ts';
import { bytesOf, send } from '../wire/send.ts';

/** So many requests go out at once, so that they also meet each other. */
const AT_ONCE = 6;
/** Characters of a path in a message. */
const MAX_SHOWN = 120;

/** HTTP requests as the contract describes them, and with every kind of fault; to both APIs in turn. */
export function fuzzRequests(target: Target, options: RunOptions): Promise<Verdict> {
  const several = fc.array(fuzzRequest, { minLength: 1, maxLength: AT_ONCE });
  const attempt = async (requests: FuzzRequest[], place: number) => {
    const found = await Promise.all(
      requests.map((request, index) => tryOne(target, request, (place + index) % target.ports.length)),
    );
    const faults = found.flat();
    if (faults.length > 0) throw new Error(faults.join('\n'));
  };
  return explore('requests', target, several, attempt, options);
}

async function tryOne(target: Target, request: FuzzRequest, api: number): Promise<string[]> {
  const filled: FuzzRequest = {
    ...request,
    target: target.fill(request.target),
    body: target.fill(request.body),
  };
  const { who, method } = request;
  const what = `${method} ${filled.target.slice(0, MAX_SHOWN)}`;
  const key = who === 'own' || who === 'admin' ? target.keys[who] : undefined;
  try {
    const answer = await send(target.ports[api] ?? 0, method, bytesOf(filled, key));
    // A connection may be closed without a word where there is no request: only for a request line that is none.
    if (answer === 'closed') return [`${what}: closed without an answer`];
    const asked = { method, target: filled.target, seesAll: who === 'admin' };
    return faultsOf(answer, asked).map((fault) => `${what}: ${fault}`);
  } catch (error) {
    return [`${what}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
