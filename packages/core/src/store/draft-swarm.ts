import { createHash } from 'node:crypto';
import type { Steps } from '../domain/at-once.ts';
import { ClaudeFlowError } from '../domain/errors.ts';
import { OUTCOME, outcomeError } from '../redis/outcomes.ts';
import type { ScriptArgs, ScriptReply } from '../redis/scripts.ts';
import { inSlices } from '../runtime/in-slices.ts';
import { DRAFT_KEPT_S, TASK_BYTES_WRITTEN_AT_ONCE, TASKS_WRITTEN_AT_ONCE } from '../runtime/tunables.ts';
import type { Ledger } from './ledger.ts';

/** A new swarm as the scripts take it; its tasks as `planArgs` makes them. */
export interface NewDraft {
  swarmId: string;
  record: string;
  plan: string;
  planToken: string;
  tasks: readonly ScriptArgs[];
}

/** What one script writes of a swarm at most. */
export interface Portion {
  tasks: number;
  bytes: number;
}
const PORTION: Portion = { tasks: TASKS_WRITTEN_AT_ONCE, bytes: TASK_BYTES_WRITTEN_AT_ONCE };

/** Times that a draft is begun anew; it has to be when what was written of it is gone, or is of another plan. */
const BEGUN_AT_MOST = 5;

/** The tasks one after the other, from `at` on, that one script takes. */
function nextPart(tasks: readonly ScriptArgs[], at: number, { tasks: most, bytes }: Portion): ScriptArgs[] {
  const part: ScriptArgs[] = [];
  let size = 0;
  for (const task of tasks.slice(at, at + most)) {
    size += sizeOf(task);
    if (part.length > 0 && size > bytes) break;
    part.push(task);
  }
  return part;
}

const sizeOf = (task: ScriptArgs) =>
  Object.values(task).reduce((sum: number, value) => sum + Buffer.byteLength(String(value)), 0);

/** Is this more than one script should write? */
export function isLarge(tasks: readonly ScriptArgs[], portion: Portion = PORTION): boolean {
  return nextPart(tasks, 0, portion).length < tasks.length;
}

/** Two that draft the same go on with what the other has written. */
function* tokenOf({ record, plan, tasks }: NewDraft): Steps<string> {
  const hash = createHash('sha256').update(record).update(plan);
  for (const { spec = '', dependents = '' } of tasks) {
    yield;
    hash.update(String(spec)).update(String(dependents));
  }
  return hash.digest('hex');
}

/**
 * Writes a swarm part by part, so that neither Redis nor this process is held up by its size. Nobody finds what was written so far.
 * @returns undefined when the swarm is there already
 */
async function draftSwarm(
  ledger: Ledger,
  draft: NewDraft,
  token: string,
  portion: Portion,
): Promise<'drafted' | 'there' | 'lost'> {
  const { swarmId, record, plan, planToken, tasks } = draft;
  for (let at = 0; at < tasks.length; ) {
    const whole = at === 0 ? { record, plan } : { record: '', plan: '' };
    const args = { token, at, ...whole, planToken, totalTasks: tasks.length, keepS: DRAFT_KEPT_S };
    const part = nextPart(tasks, at, portion);
    const [outcome, state] = await ledger.scripts.run(ledger.redis, 'draft-swarm', { swarmId }, args, part);
    if (outcome === OUTCOME.already) return 'there';
    if (outcome === OUTCOME.fenced) return 'lost';
    if (outcome !== OUTCOME.ok) throw outcomeError(outcome, state, 'draft-swarm');
    at = Number(state);
  }
  return 'drafted';
}

/**
 * Creates a swarm whose tasks are too many for one script: drafts it in parts, and makes the draft the swarm in one step.
 * @param complete.before called when all is drafted, before the swarm is there
 * @returns as `create-swarm` replies
 * @throws ClaudeFlowError `swarm_not_found`: the swarm with this id was deleted; `redis_unavailable`: what was drafted got lost
 */
export async function createInParts(
  ledger: Ledger,
  draft: NewDraft,
  complete: {
    webhook: string;
    start: 0 | 1;
    dispatch: () => Promise<number>;
    before: () => Promise<unknown>;
  },
  portion: Portion = PORTION,
): Promise<ScriptReply> {
  const { swarmId, tasks } = draft;
  const token = await inSlices(tokenOf(draft));
  const waitedFor = tasks.filter(({ dependents }) => dependents !== '').length;
  for (let begun = 0; begun < BEGUN_AT_MOST; begun += 1) {
    if ((await draftSwarm(ledger, draft, token, portion)) === 'lost') continue;
    await complete.before();
    const { webhook, start } = complete;
    const dispatch = await complete.dispatch();
    const args = { token, webhook, start, dispatch, totalTasks: tasks.length, waitedFor };
    const reply = await ledger.scripts.run(ledger.redis, 'create-drafted-swarm', { swarmId }, args);
    if (reply[0] === OUTCOME.fenced) continue;
    if (reply[0] < 0) throw outcomeError(reply[0], reply[1], 'create-drafted-swarm');
    return reply;
  }
  const message = 'The swarm could not be written, since Redis lost parts of it again and again. Try again.';
  throw new ClaudeFlowError('redis_unavailable', message, { retryable: true });
}
