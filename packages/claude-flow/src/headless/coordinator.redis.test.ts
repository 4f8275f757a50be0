import { describe, expect, it } from 'vitest';
import { OBJECTIVE, post, TWO_TASKS, useSystems, WAIT } from '../test/systems.ts';
import { HeadlessCoordinator } from './coordinator.ts';
import type { SwarmWish, TaskOutcome } from './wishes.ts';

const SECRET = 'a-secret-that-is-long-enough-for-hs256';
const own = useSystems();
const makeSystem = own.make;

/** A coordinator that writes down what it is asked for, and changes some of it. */
class Scripted extends HeadlessCoordinator {
  readonly calls: string[] = [];
  work: ((taskId: string) => Promise<TaskOutcome | { output: string } | undefined>) | undefined;

  override async createSwarm(wish: SwarmWish | string) {
    this.calls.push('createSwarm');
    if (typeof wish === 'string') return super.createSwarm(wish);
    if (wish.objective.startsWith('REFUSE')) throw new Error('not by me');
    const result = await super.createSwarm({ ...wish, objective: wish.objective.replace('Build', 'Design') });
    return result;
  }

  override async executeTask(swarmId: string, taskId: string): Promise<TaskOutcome> {
    this.calls.push(`executeTask ${taskId}`);
    return (
      this.work === undefined ? super.executeTask(swarmId, taskId) : this.work(taskId)
    ) as Promise<TaskOutcome>;
  }
}

describe('a coordinator of the program’s own', () => {
  const scripted = async () => {
    const system = makeSystem(() => {}, { coordinator: (config, bridge) => new Scripted(config, bridge) });
    await system.start();
    return { system, coordinator: system.coordinator as Scripted };
  };

  it('may change what HTTP asks for, and refuse it', async () => {
    const { system, coordinator } = await scripted();
    const made = await post(system, '/api/swarm/create', { objective: OBJECTIVE, maxAgents: 50 });
    expect(made.status).toBe(201);
    expect(made.body['data']).toMatchObject({
      objective: OBJECTIVE.replace('Build', 'Design'),
      maxAgents: 20,
    });
    const refused = await post(system, '/api/swarm/create', { objective: 'REFUSE this one, please' });
    expect([refused.status, JSON.stringify(refused.body).includes('not by me')]).toEqual([500, false]);
    const invalid = await post(system, '/api/swarm/create', { objective: 'short' });
    expect([invalid.status, invalid.body['code']]).toEqual([400, 'validation_failed']);
    expect(coordinator.calls).toEqual(['createSwarm', 'createSwarm', 'createSwarm']);
  });

  it('is not called for those whom the route refuses', async () => {
    const calls: string[] = [];
    class Generous extends HeadlessCoordinator {
      override async createSwarm(): Promise<never> {
        calls.push('createSwarm');
        return { swarmId: 'given to anybody' } as never;
      }
      override async createTask(swarmId: string): Promise<never> {
        calls.push(`createTask ${swarmId}`);
        return (await this.getSwarm(swarmId)) as never;
      }
    }
    const system = makeSystem(
      ({ api }) => {
        api.authentication = { enabled: true, jwtSecret: SECRET };
      },
      { coordinator: (config, bridge) => new Generous(config, bridge) },
    );
    await system.start();
    const [ann, reader] = [
      system.auth.generateApiKey('ann'),
      system.auth.generateApiKey('bob', ['swarms:read']),
    ];
    const other = system.auth.generateApiKey('cid');
    const { swarmId } = await HeadlessCoordinator.prototype.createSwarm.call(system.coordinator, {
      objective: OBJECTIVE,
    });
    const task = { name: 'A task', description: 'Something to be done.', type: 'custom' };
    const asked = await Promise.all([
      post(system, '/api/swarm/create', { objective: OBJECTIVE }, { 'x-api-key': reader.apiKey }),
      post(system, `/api/swarm/${swarmId}/tasks`, task, { 'x-api-key': reader.apiKey }),
      post(system, `/api/swarm/${swarmId}/tasks`, task, { 'x-api-key': other.apiKey }),
      post(system, '/api/swarm/create', { objective: OBJECTIVE }),
    ]);
    expect(asked.map(({ status }) => status)).toEqual([403, 403, 404, 401]);
    expect(calls).toEqual([]);
    const fine = await post(
      system,
      '/api/swarm/create',
      { objective: OBJECTIVE },
      { 'x-api-key': ann.apiKey },
    );
    expect([fine.status, calls]).toEqual([201, ['createSwarm']]);
  });

  it('may give results of its own; what depends on them gets them', async () => {
    const { coordinator } = await scripted();
    coordinator.work = async (taskId) => ({ output: `made by hand: ${taskId}` });
    const { swarmId } = await coordinator.createSwarm({
      objective: OBJECTIVE,
      tasks: TWO_TASKS,
      autoStart: true,
    });
    const { status, results } = await coordinator.waitForCompletion(swarmId, WAIT);
    expect(status).toBe('completed');
    expect(results.outputs).toEqual({
      task_001: 'made by hand: task_001',
      task_002: 'made by hand: task_002',
    });
    expect(results.usage.outputTokens).toBe(0);
    expect(coordinator.calls).toEqual(['createSwarm', 'executeTask task_001', 'executeTask task_002']);
  });

  it('that fails a task fails the attempt: another follows, then the task has failed with the reason', async () => {
    const { coordinator } = await scripted();
    coordinator.work = async (taskId) => {
      if (taskId === 'task_001') throw new Error('the printer is on fire');
      return undefined;
    };
    const tasks = TWO_TASKS.slice(0, 1).map((task) => ({ ...task, maxRetries: 1 }));
    const { swarmId } = await coordinator.createSwarm({ objective: OBJECTIVE, tasks, autoStart: true });
    expect((await coordinator.waitForCompletion(swarmId, WAIT)).status).toBe('failed');
    const [task] = await coordinator.getTasks(swarmId);
    expect(task).toMatchObject({ status: 'failed', attempt: 2 });
    expect(task?.error?.message).toContain('the printer is on fire');
    await expect(coordinator.getSwarm('swarm_a_000000000')).rejects.toMatchObject({
      code: 'swarm_not_found',
    });
  });

  it('that hangs does not outlive the task’s timeout', async () => {
    const { coordinator } = await scripted();
    coordinator.work = () => new Promise(() => {});
    const tasks = TWO_TASKS.slice(0, 1).map((task) => ({ ...task, timeout: 1_000, maxRetries: 0 }));
    const { swarmId } = await coordinator.createSwarm({ objective: OBJECTIVE, tasks, autoStart: true });
    expect((await coordinator.waitForCompletion(swarmId, WAIT)).status).toBe('failed');
    expect((await coordinator.getTasks(swarmId))[0]?.error?.code).toBe('task_timeout');
  });

  it('that gives nothing is told so', async () => {
    const { coordinator } = await scripted();
    coordinator.work = async () => undefined;
    const tasks = TWO_TASKS.slice(0, 1);
    const { swarmId } = await coordinator.createSwarm({ objective: OBJECTIVE, tasks, autoStart: true });
    await coordinator.waitForCompletion(swarmId, WAIT);
    expect((await coordinator.getTasks(swarmId))[0]?.error?.message).toContain('gave no result');
  });

  it('waits for tasks that it was not given, and tells of those that came to nothing', async () => {
    const { coordinator } = await scripted();
    const { swarmId } = await coordinator.createSwarm({
      objective: OBJECTIVE,
      tasks: TWO_TASKS,
      autoStart: true,
    });
    const outcome = await coordinator.executeTask(swarmId, 'task_002');
    expect(outcome.output).not.toBe('');
    await expect(coordinator.executeTask(swarmId, 'task_099')).rejects.toMatchObject({
      code: 'task_not_found',
    });
  });

  it('pauses, resumes, stops and deletes; terminates and assigns agents', async () => {
    const { coordinator } = await scripted();
    const { swarmId } = await coordinator.createSwarm({ objective: OBJECTIVE, tasks: [] });
    await expect(coordinator.startSwarm(swarmId)).rejects.toThrow('no task yet');
    const first = await coordinator.spawnAgent(swarmId, { type: 'coder' });
    const second = await coordinator.spawnAgent(swarmId, { type: 'coder', name: 'second' });
    const task = await coordinator.createTask(swarmId, {
      name: 'Code',
      description: 'Write it down',
      type: 'coding',
    });
    await coordinator.assignTask(swarmId, task.id.id, second.id.id);
    expect((await coordinator.terminateAgent(swarmId, first.id.id)).status).toBe('terminated');
    await coordinator.startSwarm(swarmId);
    await coordinator.waitForCompletion(swarmId, WAIT);
    expect((await coordinator.getTasks(swarmId))[0]?.assignedTo).toEqual({ id: second.id.id });
    const other = await coordinator.createSwarm({ objective: OBJECTIVE, tasks: TWO_TASKS });
    coordinator.work = () => new Promise(() => {});
    await coordinator.startSwarm(other.swarmId);
    expect((await coordinator.pauseSwarm(other.swarmId)).status).toBe('paused');
    expect((await coordinator.resumeSwarm(other.swarmId)).status).toBe('executing');
    expect(await coordinator.stopSwarm(other.swarmId)).toMatchObject({ status: 'failed', reason: 'stopped' });
    const named = { id: 'deleted', objective: OBJECTIVE };
    const deleted = await coordinator.createSwarm(named);
    await coordinator.deleteSwarm(deleted.swarmId);
    expect((await coordinator.createSwarm(named)).swarmId).toBe(deleted.swarmId);
    await expect(coordinator.getSwarm(deleted.swarmId)).rejects.toMatchObject({ code: 'swarm_not_found' });
    await coordinator.deleteSwarm(other.swarmId);
    await expect(coordinator.getTasks(other.swarmId)).rejects.toMatchObject({ code: 'swarm_not_found' });
    await expect(
      coordinator.createTask(swarmId, { name: '', description: '', type: 'Not A Word' }),
    ).rejects.toMatchObject({
      code: 'validation_failed',
      details: [{ field: 'name' }, { field: 'description' }, { field: 'type' }],
    });
  });
});
