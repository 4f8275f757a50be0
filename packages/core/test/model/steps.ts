import { addTask } from '../../src/store/add-task.ts';
import { assignTask, spawnAgent, terminateAgent } from '../../src/store/agents.ts';
import { approvalId, askApproval, decideApproval } from '../../src/store/approvals.ts';
import { storeArtifact } from '../../src/store/artifacts.ts';
import { completeTasks, writtenCompletion } from '../../src/store/completions.ts';
import { appendJournal } from '../../src/store/journal.ts';
import type { Ledger } from '../../src/store/ledger.ts';
import { noteModelWait } from '../../src/store/model-waits.ts';
import { claimPlan, failPlan, storePlan } from '../../src/store/plans.ts';
import {
  createSwarm,
  deleteSwarm,
  pauseSwarm,
  resumeSwarm,
  startSwarm,
  stopSwarm,
} from '../../src/store/swarms.ts';
import { cancelTask, retryTask } from '../../src/store/task-control.ts';
import * as tasks from '../../src/store/tasks.ts';
import { waitTask } from '../../src/store/wait-task.ts';
import { NO_USAGE, newSwarmRecord, result } from '../ledger-fixture.ts';
import type { Choices } from './agent-commands.ts';
import * as agent from './agent-commands.ts';
import { specOf, specsOf } from './specs.ts';
import { answer, type Model, type ModelSwarm, type Outcome, type TaskPlan } from './state.ts';
import * as swarm from './swarm-commands.ts';
import type { Claim, Onward } from './task-commands.ts';
import * as task from './task-commands.ts';
import * as waiting from './wait-commands.ts';

/** One command, ready to be given to both sides. */
export interface Step {
  name: string;
  real(ledger: Ledger, swarmId: string): Promise<unknown>;
  model(model: Model, choices: Choices): Outcome;
  /** What a second sending does to the real one: nothing, unless said otherwise. */
  again?: 'acts';
}

const LEASE_MS = 3_600_000;
/** What a paid turn counts in a budget. */
const TURN_TOKENS = 7;
const changed = ({ changed: value }: { changed: boolean }) => ({ changed: value });
const wishOf = (call: number) =>
  ({ kind: 'tool', turn: 1, callId: `call-${call}`, tool: 'write_file', input: {} }) as const;
const on = (one: Claim) => `${one.taskId}#${one.attempt} ${one.token}`;

export const steps = {
  create: (options: Pick<ModelSwarm, 'maxAgents' | 'parallel' | 'budget'>): Step => ({
    name: `create with ${options.maxAgents} agents${options.parallel ? '' : ', one at a time'}, budget ${options.budget}`,
    real: async (ledger, id) => {
      const { budget, ...rest } = options;
      const limits = budget === undefined ? {} : { budget: { maxTokens: budget } };
      const { created } = await createSwarm(ledger, newSwarmRecord({ id, ...rest, ...limits }), 1);
      return { created };
    },
    model: (model) => swarm.create(model, options),
  }),
  claimPlan: (token: string): Step => ({
    name: `claim-plan ${token}`,
    real: (ledger, id) => claimPlan(ledger, id, token),
    model: (model) => swarm.claimPlan(model, token),
  }),
  storePlan: (token: string, plan: readonly TaskPlan[], paid = 0, closes = false): Step => ({
    name: `store-plan ${token} ${JSON.stringify(plan)}, ${paid} tokens${closes ? ', its last task closes' : ''}`,
    real: (ledger, id) => {
      const tasks = specsOf(plan);
      const closing = closes ? tasks.at(-1) : undefined;
      return storePlan(ledger, id, token, {
        source: 'caller',
        degraded: false,
        summary: 'As drawn',
        tasks,
        usage: { ...NO_USAGE, outputTokens: paid },
        ...(closing === undefined ? {} : { closing }),
      });
    },
    model: (model) => swarm.storePlan(model, token, plan, paid, closes),
  }),
  failPlan: (token: string, paid: number): Step => ({
    name: `fail-plan ${token}, ${paid} tokens`,
    real: (ledger, id) =>
      failPlan(ledger, id, token, {
        reason: 'model-rejected',
        message: 'As drawn',
        usage: { ...NO_USAGE, outputTokens: paid },
      }),
    model: (model) => swarm.failPlan(model, token, paid),
  }),
  start: (): Step => ({ name: 'start', real: startSwarm, model: swarm.start }),
  pause: (): Step => ({
    name: 'pause',
    real: async (ledger, id) => changed(await pauseSwarm(ledger, id)),
    model: swarm.pause,
  }),
  resume: (): Step => ({
    name: 'resume',
    real: async (ledger, id) => changed(await resumeSwarm(ledger, id)),
    model: swarm.resume,
  }),
  stop: (reason: 'stopped' | 'timeout'): Step => ({
    name: `stop (${reason})`,
    real: (ledger, id) => stopSwarm(ledger, id, { reason, message: 'The test said so.' }),
    model: (model) => swarm.stop(model, reason),
  }),
  remove: (): Step => ({ name: 'delete', real: deleteSwarm, model: swarm.remove }),

  dispatch: (limit: number): Step => ({
    name: `dispatch at most ${limit}`,
    real: async (ledger, id) =>
      (await tasks.dispatchTasks(ledger, id, limit)).queued.map((one) => `${one.taskId}#${one.attempt}`),
    model: (model, choices) => agent.dispatch(model, limit, choices),
    ...(limit < 100 ? { again: 'acts' as const } : {}),
  }),
  spawn: (type: TaskPlan['agentType']): Step => ({
    name: `spawn ${type}`,
    real: async (ledger, id) => (await spawnAgent(ledger, id, { type })).id,
    model: (model) => agent.spawn(model, type),
    // It carries no request key: a second request is a second agent.
    again: 'acts',
  }),
  terminate: (agentId: string): Step => ({
    name: `terminate ${agentId}`,
    real: async (ledger, id) => (await terminateAgent(ledger, id, agentId)).status,
    model: (model) => agent.terminate(model, agentId),
  }),
  assign: (taskId: string, agentId: string): Step => ({
    name: `assign ${taskId} to ${agentId}`,
    real: async (ledger, id) => changed(await assignTask(ledger, id, taskId, agentId)),
    model: (model) => agent.assign(model, taskId, agentId),
  }),
  addTask: (plan: TaskPlan, requestKey: string): Step => ({
    name: `add-task ${JSON.stringify(plan)} key "${requestKey}"`,
    real: (ledger, id) => addTask(ledger, id, specOf(plan), requestKey),
    model: (model) => task.addTask(model, plan, requestKey),
    ...(requestKey === '' ? { again: 'acts' as const } : {}),
  }),
  cancel: (taskId: string): Step => ({
    name: `cancel-task ${taskId}`,
    real: (ledger, id) => cancelTask(ledger, id, taskId),
    model: (model) => task.cancel(model, taskId),
  }),
  retry: (taskId: string): Step => ({
    name: `retry-task ${taskId}`,
    real: (ledger, id) => retryTask(ledger, id, taskId),
    model: (model) => task.retry(model, taskId),
  }),

  claim: (wish: Claim): Step => ({
    name: `claim ${on(wish)}`,
    real: async (ledger, swarmId) => {
      const claimed = await tasks.claimTask(ledger, {
        swarmId,
        ...wish,
        workerId: 'w',
        leaseMs: LEASE_MS,
      });
      return claimed.claimed ? 'claimed' : claimed.why;
    },
    model: (model) => task.claim(model, wish),
  }),
  heartbeat: (one: Claim): Step => ({
    name: `heartbeat ${on(one)}`,
    real: (ledger, swarmId) => tasks.heartbeatTask(ledger, { swarmId, ...one }, LEASE_MS),
    model: (model) => task.heartbeat(model, one),
  }),
  modelWait: (one: Claim, number: number): Step => ({
    name: `note-model-wait ${on(one)} number ${number}`,
    real: async (ledger, swarmId) => {
      await noteModelWait(ledger, { swarmId, ...one }, { number, waitMs: LEASE_MS, reason: 'Busy.' });
      return 'noted';
    },
    model: (model) => task.modelWait(model, one, number),
  }),
  journal: (one: Claim, index: number, turn: number, paid: boolean): Step => {
    const entry = { kind: 'turn.requested', turn, attempt: one.attempt } as const;
    const extra = paid
      ? {
          usage: { ...NO_USAGE, inputTokens: TURN_TOKENS - 2, cacheReadTokens: 900, cacheWriteTokens: 2 },
          progress: { turn },
        }
      : {};
    return {
      name: `append-journal ${on(one)} [${index}] turn ${turn}${paid ? ', paid' : ''}`,
      real: (ledger, swarmId) => appendJournal(ledger, { swarmId, ...one }, index, entry, extra),
      model: (model) => task.journal(model, one, index, JSON.stringify(entry), paid ? TURN_TOKENS : 0),
    };
  },
  artifact: (one: Claim, path: string, content: string, announce: boolean): Step => ({
    name: `store-artifact ${on(one)} ${path}=${content}${announce ? ', announced' : ''}`,
    real: async (ledger, swarmId) => {
      const file = { path, mode: 0o644, content: Buffer.from(content) };
      await storeArtifact(ledger, { swarmId, ...one }, file, announce);
    },
    model: (model) => task.artifact(model, one, path, content, announce),
  }),
  complete: (sent: readonly { one: Claim; onward: Onward }[]): Step => ({
    name: sent
      .map(({ one, onward }) => `complete ${on(one)}, hand ${onward.places} over as ${onward.token}`)
      .join(' and '),
    real: async (ledger, swarmId) => {
      const written = await Promise.all(
        sent.map(({ one, onward }) => {
          const wish = { ...onward, workerId: 'w', leaseMs: LEASE_MS };
          return writtenCompletion(ledger, { swarmId, ...one }, result(one.token), {}, wish);
        }),
      );
      return (await completeTasks(ledger, written)).map((done) =>
        done === 'fenced'
          ? done
          : {
              swarmStatus: done.swarmStatus,
              freed: done.freed,
              handedOver: done.handedOver.map(({ claim }) => `${claim.taskId}#${claim.attempt}`).sort(),
            },
      );
    },
    model: (model, choices) => task.complete(model, sent, choices),
  }),
  fail: (one: Claim, retryable: boolean, delayed: boolean): Step => ({
    name: `fail ${on(one)}${retryable ? ', retryable' : ''}${delayed ? ', after an hour' : ''}`,
    real: (ledger, swarmId) =>
      tasks.failTask(
        ledger,
        { swarmId, ...one },
        { code: 'internal', message: 'The test said so.', retryable, delayMs: delayed ? LEASE_MS : 0 },
      ),
    model: (model) => task.fail(model, one, retryable, delayed),
  }),
  release: (one: Claim): Step => ({
    name: `release ${on(one)}`,
    real: (ledger, swarmId) => tasks.releaseTask(ledger, { swarmId, ...one }, 'The test said so.'),
    model: (model) => task.release(model, one),
  }),
  /** Calls by number: the same number is the same call. */
  ask: (one: Claim, calls: readonly number[]): Step => ({
    name: `ask-approval ${on(one)} for calls ${calls.join()}`,
    real: (ledger, swarmId) => askApproval(ledger, { swarmId, ...one }, calls.map(wishOf)),
    model: (model) =>
      waiting.ask(
        model,
        one,
        calls.map((call) => approvalId(one.taskId, wishOf(call))),
      ),
  }),
  decide: (id: string, decision: 'approved' | 'denied'): Step => ({
    name: `decide-approval ${id}: ${decision}`,
    real: async (ledger, swarmId) =>
      changed(await decideApproval(ledger, swarmId, { approvalId: id, decision, decidedBy: 'tester' })),
    model: (model) => waiting.decide(model, id, decision),
  }),
  wait: (one: Claim, ids: readonly string[]): Step => ({
    name: `wait-task ${on(one)} for ${ids.join()}`,
    real: (ledger, swarmId) => waitTask(ledger, { swarmId, ...one }, ids),
    model: (model) => waiting.wait(model, one, ids),
  }),
  tryApart: (one: Claim): Step => ({
    name: `try-apart ${on(one)}`,
    real: (ledger, swarmId) => tasks.tryApart(ledger, { swarmId, ...one }),
    model: (model) => task.tryApart(model, one),
  }),
  reclaim: (seen: Claim): Step => ({
    name: `reclaim ${on(seen)}`,
    real: (ledger, swarmId) => tasks.reclaimTask(ledger, { swarmId, ...seen }),
    model: (model) => task.reclaim(model, seen),
  }),
  requeue: (taskId: string, attempt: number): Step => ({
    name: `requeue ${taskId}#${attempt}`,
    real: async (ledger, swarmId) => (await tasks.requeueTask(ledger, { swarmId, taskId, attempt }))?.attempt,
    model: (model) => task.requeue(model, { taskId, attempt }),
  }),

  /** Time passes: what would come about by waiting. */
  leaseEnds: (taskId: string): Step => ({
    name: `the lease of ${taskId} ends`,
    real: async ({ redis, keys }, id) => void (await redis.zadd(keys.swarm(id, 'running'), 'XX', 1, taskId)),
    model: ({ swarm: it }) => {
      const one = it?.tasks.get(taskId);
      if (one?.status === 'running') one.leaseEnded = true;
      return answer(undefined);
    },
  }),
  retryIsDue: (taskId: string): Step => ({
    name: `the retry of ${taskId} is due`,
    real: async ({ redis, keys }, id) => void (await redis.zadd(keys.swarm(id, 'retrying'), 'XX', 1, taskId)),
    model: ({ swarm: it }) => {
      const one = it?.tasks.get(taskId);
      if (one?.status === 'retrying') one.due = true;
      return answer(undefined);
    },
  }),
  deadlinePasses: (): Step => ({
    name: 'the deadline passes',
    real: async ({ redis, keys }, id) => void (await redis.hset(keys.swarm(id, 'meta'), 'deadlineAt', 1)),
    model: ({ swarm: it }) => {
      if (it !== undefined) it.deadline = 'passed';
      return answer(undefined);
    },
  }),
  planLeaseEnds: (): Step => ({
    name: 'the plan lease ends',
    real: async ({ redis, keys }, id) => void (await redis.hset(keys.swarm(id, 'meta'), 'planLeaseUntil', 1)),
    model: ({ swarm: it }) => {
      if (it?.plan !== undefined) it.plan.leaseEnded = true;
      return answer(undefined);
    },
  }),
};
