import { exampleOf, exportsOf } from './public-docs.ts';

export interface Example {
  name: string;
  code: string;
}

/** All examples of the public interface. */
export function allExamples(): Example[] {
  const documented = [...exportsOf('client/index.ts'), ...exportsOf('headless/index.ts')];
  return documented.flatMap(({ name, comment }) => {
    const code = exampleOf(comment);
    return code === undefined ? [] : [{ name, code }];
  });
}

/** Examples that need a swarm of their own; the others get one that has completed, and the same. */
const NEEDS = new Map<string, 'new' | 'waiting'>(
  Object.entries({
    startSwarm: 'new',
    stopSwarm: 'waiting',
    pauseSwarm: 'waiting',
    resumeSwarm: 'waiting',
    deleteSwarm: 'new',
    createTask: 'waiting',
    assignTask: 'waiting',
    retryTask: 'waiting',
    cancelTask: 'waiting',
    spawnAgent: 'waiting',
    terminateAgent: 'waiting',
    listApprovals: 'waiting',
    getApproval: 'waiting',
    decideApproval: 'waiting',
  }),
);

const PRELUDE = `
import { ClaudeFlowApiError, ClaudeFlowClient, eventOfMessage, FINAL_EVENTS, type MonitorMessage, type ResultsPage, SwarmMonitor } from 'claude-flow/client';
import {
  ApiKeyManager, createDefaultConfig, createEnvironmentConfig, CustomStrategyManager, ExecutionBridge, HeadlessCoordinator,
  HeadlessSystem, MetricsCollector, PluginManager, validateConfig,
} from 'claude-flow/headless';

const system = await new HeadlessSystem({ api: { port: 0 } }).start();
const url = system.url ?? '';
const client = new ClaudeFlowClient(url);
const context = (swarmId: string) => ({
  swarmId,
  coordinator: system.coordinator,
  strategies: new CustomStrategyManager(system.coordinator),
  bridge: new ExecutionBridge({ maxConcurrentTasks: 1 }),
  metrics: new MetricsCollector(),
  plugins: new PluginManager(),
  auth: new ApiKeyManager({ jwtSecret: 'the secret of the examples, long enough' }),
  monitor: new SwarmMonitor(url),
  app: system.apiServer.app,
});

const WORK = { description: 'Write this part of the service completely.', type: 'coding', agentType: 'coder' } as const;
async function swarmOf(kind: 'new' | 'waiting' | 'completed') {
  const { swarmId } = await client.createSwarm('Build a REST API for user management', {
    autoStart: kind !== 'new',
    ...(kind === 'completed' ? {} : { options: { toolPolicy: { write_file: 'ask' as const } } }),
    tasks: [
      { key: 'a', name: 'Implement the service', ...WORK },
      { key: 'b', name: 'Implement the rest', dependencies: ['a'], ...WORK },
    ],
  });
  if (kind === 'completed') await client.waitForCompletion(swarmId, 50, { timeoutMs: 30_000 });
  for (let tries = 0; kind === 'waiting' && tries < 600; tries += 1) {
    const { approvals } = await client.listApprovals(swarmId, { status: 'pending' });
    if (approvals.length > 0) return swarmId;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (kind === 'waiting') throw new Error('No task of the swarm waits for an approval.');
  return swarmId;
}

const completed = await swarmOf('completed');
const failed: string[] = [];
let count = 0;
async function example(name: string, kind: 'new' | 'waiting' | 'completed', run: (of: ReturnType<typeof context>) => Promise<void>) {
  const of = context(kind === 'completed' ? completed : await swarmOf(kind));
  await run(of).catch((error: unknown) => failed.push(name + ': ' + String(error)));
  of.monitor.close();
  count += 1;
}
`;

const END = `
await system.stop();
console.log('TOLD ' + JSON.stringify({ count, failed }));
`;

/** One program that starts a system and runs every example against it. */
export function exampleProgram(examples: readonly Example[]): string {
  const calls = examples.map(({ name, code }) => {
    const kind = NEEDS.get(name.split('.')[1] ?? '') ?? 'completed';
    const body = code.replaceAll("'http://localhost:3000'", 'url');
    const names = 'swarmId, coordinator, strategies, bridge, metrics, plugins, auth, monitor, app';
    return `await example('${name}', '${kind}', async ({ ${names} }) => {\n{\n${body}\n}\n});`;
  });
  return `${PRELUDE}\n${calls.join('\n')}\n${END}`;
}
