import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type ManagedProcess, startProcess } from '@claude-flow/local-stack/processes/managed-process';
import { startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, modelStats, openFixture, scenario } from '../test/fixture.ts';

const entry = fileURLToPath(new URL('./main.ts', import.meta.url));
let fixture: Fixture;
let model: Awaited<ReturnType<typeof startMockAnthropic>>;
const processes: ManagedProcess[] = [];
beforeEach(async () => {
  fixture = await openFixture();
  model = await startMockAnthropic({ port: 0 });
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.stop()));
  await fixture.close();
  await model.close();
});

function launch(env: Record<string, string> = {}): ManagedProcess {
  const given = fixture.env({ ANTHROPIC_BASE_URL: model.url, HOST: '127.0.0.1', HEALTH_PORT: '0', ...env });
  const process = startProcess({ name: 'worker', entry, env: { ...given, LOG_LEVEL: 'info', ...env } });
  processes.push(process);
  return process;
}

const probe = async (worker: ManagedProcess, path: string) =>
  fetch(`http://127.0.0.1:${worker.ports.health}${path}`);

describe('the worker process', () => {
  it('runs a task, serves its probes and numbers, and ends clean', async () => {
    const worker = launch();
    await worker.ready;
    expect((await probe(worker, '/readyz')).status).toBe(200);
    const swarmId = await fixture.swarm([{}]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    await waitFor(
      async () =>
        /claude_flow_task_seconds_count\{.*agent_type="coder",outcome="completed".*\} 1/.test(
          await (await probe(worker, '/metrics')).text(),
        ),
      { deadlineMs: 5_000, what: 'the metric' },
    );
    const metrics = await (await probe(worker, '/metrics')).text();
    expect(metrics).toMatch(/claude_flow_model_calls_total\{.*model="claude-sonnet-5-5",outcome="ok"/);
    expect(metrics).not.toContain(swarmId);
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
    expect(await readdir(fixture.workspaceRoot)).toEqual([]);
  });

  it('on SIGTERM hands its task back without losing a turn; another one goes on', async () => {
    const first = launch();
    await first.ready;
    await scenario(model.url, [
      { times: 1, match: { contains: '"tool_result"' }, respond: { latencyMs: 1_000 } },
    ]);
    const swarmId = await fixture.swarm([{}]);
    await fixture.seen(swarmId, 'task.progress');
    await waitFor(async () => (await modelStats(model.url)).inFlight === 1, {
      deadlineMs: 10_000,
      what: 'the turn',
    });
    first.kill('SIGTERM');
    const second = launch();
    expect(await first.exited).toEqual({ code: 0, signal: null });
    await second.ready;
    expect(await fixture.ended(swarmId)).toBe('completed');
    const { state } = await fixture.task(swarmId);
    expect(state).toMatchObject({ failures: 0, crashes: 0 });
    expect((await modelStats(model.url)).repeatedPrefixes).toBe(0);
    expect((await fixture.lines(swarmId)).filter((line) => line.startsWith('task.completed'))).toHaveLength(
      1,
    );
  });

  it('killed in the middle of a turn, is followed by another that pays for no turn again', async () => {
    const first = launch();
    await first.ready;
    await scenario(model.url, [{ times: 1, match: { contains: '"tool_result"' }, respond: { hang: true } }]);
    const swarmId = await fixture.swarm([{}]);
    await fixture.seen(swarmId, 'task.progress');
    await waitFor(async () => (await modelStats(model.url)).inFlight === 1, {
      deadlineMs: 10_000,
      what: 'the turn',
    });
    first.kill('SIGKILL');
    await first.exited;
    expect(await readdir(fixture.workspaceRoot)).toHaveLength(1);
    await fixture.loseWorker(swarmId);
    const second = launch();
    await second.ready;
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect((await modelStats(model.url)).repeatedPrefixes).toBe(0);
    await second.stop();
    expect(await readdir(fixture.workspaceRoot)).toEqual([]);
  });

  it.each([
    [
      'no Redis',
      { REDIS_URL: 'redis://127.0.0.1:1' },
      /Redis cannot be reached at redis:\/\/127\.0\.0\.1:1 .*REDIS_URL/,
    ],
    ['no usable folder', { WORKSPACE_ROOT: '/dev/null/x' }, /WORKSPACE_ROOT/],
    [
      'wrong variables',
      { MAX_CONCURRENT_TASKS: '0', HEALTH_PORT: 'x' },
      /HEALTH_PORT.*\n.*MAX_CONCURRENT_TASKS/,
    ],
  ])('with %s says so in a sentence and ends', async (_name, env, sentence) => {
    const worker = launch(env);
    expect(await worker.exited).toEqual({ code: 1, signal: null });
    const said = worker
      .lines()
      .filter((line) => line.stream === 'stderr')
      .map((line) => line.text);
    expect(said.join('\n')).toMatch(sentence);
    expect(said.join('\n')).not.toContain('    at ');
  });

  it('names the port that is taken, and its variable', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const worker = launch({ HEALTH_PORT: String(port) });
    expect(await worker.exited).toEqual({ code: 1, signal: null });
    expect(
      worker
        .lines()
        .map((line) => line.text)
        .join('\n'),
    ).toMatch(new RegExp(`Port ${port} .*HEALTH_PORT`));
    other.close();
  });
});
