import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type MockAnthropic, startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, it } from 'vitest';

const execute = promisify(execFile);
const repository = fileURLToPath(new URL('../../', import.meta.url));
const packageFolder = join(repository, 'packages/claude-flow');
/** Packing, and an installation with an empty cache. */
const INSTALL_MS = 240_000;

/** The machine's own Node and npm: older than the project's, as a user's may be. */
const ownPath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules') && !folder.includes('pnpm'))
  .join(delimiter);
const hasOwnNode = ownPath.split(delimiter).some((folder) => existsSync(join(folder, 'node')));
const PATH = hasOwnNode ? ownPath : (process.env['PATH'] ?? '');

let folder: string;
let app: string;
let env: Record<string, string>;
let model: MockAnthropic;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claude-flow-package-'));
  app = join(folder, 'app');
  const home = join(folder, 'home');
  await Promise.all([mkdir(app), mkdir(home)]);
  model = await startMockAnthropic();
  const settings = Object.entries(process.env).filter(([name]) => /^npm_config_registry$/i.test(name));
  const redis = process.env['REDIS_SERVER_PATH'];
  env = {
    ...Object.fromEntries(settings.map(([name, value]) => [name, value ?? ''])),
    PATH,
    HOME: home,
    ANTHROPIC_BASE_URL: model.url,
    PORT: '0',
    LOG_LEVEL: 'warn',
    ...(redis === undefined ? {} : { REDIS_SERVER_PATH: redis }),
  };
  await execute('npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', folder], { cwd: packageFolder });
  const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await writeFile(join(app, 'package.json'), '{ "private": true, "type": "module" }');
  await execute('npm', ['install', '--no-audit', '--no-fund', join(folder, tarball)], { cwd: app, env });
}, INSTALL_MS);
afterAll(async () => {
  await model?.close();
  await rm(folder, { recursive: true, force: true });
});

/** @returns the last thing that it printed, which is JSON */
async function run(name: string, code: string) {
  await writeFile(join(app, name), code);
  const { stdout, stderr } = await execute('node', [name], { cwd: app, env, timeout: 60_000 });
  expect(stderr).toBe('');
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

it('claude-flow --version prints a version; an unknown word is a usage error', async () => {
  const command = join(app, 'node_modules/.bin/claude-flow');
  const { stdout } = await execute(command, ['--version'], { cwd: app, env });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  await expect(execute(command, ['dance'], { cwd: app, env })).rejects.toMatchObject({ code: 2 });
});

it('says which Node it runs on', async () => {
  const manifest = await readFile(join(app, 'node_modules/claude-flow/package.json'), 'utf8');
  expect(JSON.parse(manifest)).toMatchObject({ engines: { node: '>=20.18.1' } });
  const { stdout } = await execute('node', ['--version'], { cwd: app, env });
  expect(Number(/^v(\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(20);
});

it('both entries run: a system in one program, and a client for it', async () => {
  const told = await run(
    'both.js',
    `import { ClaudeFlowClient } from 'claude-flow/client';
    import { createDefaultConfig, CustomStrategyManager, HeadlessCoordinator, HeadlessSystem } from 'claude-flow/headless';
    let executed = 0;
    class Counting extends HeadlessCoordinator {
      executeTask(...which) { executed += 1; return super.executeTask(...which); }
    }
    const system = new HeadlessSystem(createDefaultConfig(), { coordinator: (config, bridge) => new Counting(config, bridge) });
    await system.start();
    const client = new ClaudeFlowClient(system.url);
    const { swarmId } = await client.createSwarm('Build a REST API for user management', { autoStart: true });
    const seen = [];
    for await (const event of client.events(swarmId)) seen.push(event.type);
    const { status, results } = await client.waitForCompletion(swarmId, 100);
    const docs = await fetch(system.url + '/docs/scalar.js');
    const board = await fetch(system.url + '/admin/queues');
    const audit = await new CustomStrategyManager(system.coordinator).run('security-audit', { objective: 'Audit the shop' });
    await system.stop();
    console.log(JSON.stringify({
      status, audit: audit.status, last: seen.at(-1), executed, docs: docs.status, board: board.status,
      outputs: Object.keys(results.outputs).length + Object.keys(audit.results.outputs).length,
    }));`,
  );
  expect(told).toMatchObject({
    status: 'completed',
    audit: 'completed',
    last: 'swarm.completed',
    docs: 200,
    board: 200,
  });
  expect(told.executed).toBe(told.outputs);
});

it('src/headless/index.js starts the system, and SIGTERM ends it', async () => {
  const child = spawn('node', ['node_modules/claude-flow/src/headless/index.js'], { cwd: app, env });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'exit');
  try {
    await expect.poll(() => said, { timeout: 30_000 }).toMatch(/serves at http:\S+\n/);
    const [, url = ''] = /serves at (\S+)/.exec(said) ?? [];
    expect(await (await fetch(`${url}/api/health`)).json()).toMatchObject({ status: 'healthy' });
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

it('the handler for AWS Lambda answers over a Redis elsewhere', async () => {
  const redis = await startTestRedis();
  try {
    const answers = await run(
      'lambda.js',
      `process.env.REDIS_URL = '${redis.url}';
      process.env.REDIS_PREFIX = '${redis.prefix}';
      const { handler } = await import('claude-flow/lambda');
      const event = (httpMethod, path, body) => ({
        httpMethod, path, resource: '/{proxy+}', headers: { Host: 'h.example', 'Content-Type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body), isBase64Encoded: false, requestContext: { stage: 'prod' },
      });
      const health = await handler(event('GET', '/api/health'));
      const created = await handler(event('POST', '/api/swarm/create', { objective: 'Build a small calculator' }));
      console.log(JSON.stringify([health.statusCode, JSON.parse(health.body).status, created.statusCode]));
      process.exit(0);`,
    );
    expect(answers).toEqual([200, 'healthy', 201]);
  } finally {
    await redis.stop();
  }
});

it('has types that stand by themselves', async () => {
  await writeFile(
    join(app, 'typed.ts'),
    `import { ClaudeFlowClient } from 'claude-flow/client';
    import { HeadlessCoordinator, HeadlessSystem, type SwarmWish, validateConfig, createDefaultConfig } from 'claude-flow/headless';
    import { handler } from 'claude-flow/lambda';
    const answered: Promise<number> = handler({ rawPath: '/livez' }).then(({ statusCode }) => statusCode);
    class Mine extends HeadlessCoordinator {
      override async createSwarm(wish: SwarmWish | string) { return super.createSwarm(wish); }
    }
    const system = new HeadlessSystem(createDefaultConfig(), { coordinator: (config, bridge) => new Mine(config, bridge) });
    const faults: string[] = validateConfig(system.config);
    const id: Promise<string> = new ClaudeFlowClient().createSwarm('x').then(({ swarmId }) => swarmId);
    // @ts-expect-error there is no such section
    system.config.nothing;
    export { answered, faults, id };`,
  );
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  const roots = ['--typeRoots', join(repository, 'node_modules/@types')];
  await execute(join(repository, 'node_modules/.bin/tsc'), [...options, ...roots, 'typed.ts'], {
    cwd: app,
  }).catch((error: { stdout?: string }) => expect.fail(error.stdout ?? String(error)));
});
