import { freePort, isPortFree } from '@claude-flow/local-stack/processes/free-port';
import type { Stack } from '@claude-flow/local-stack/stack';
import type { Interrupts } from '../local/interrupts.ts';
import { chooseModel, tuningEnv } from '../local/model-choice.ts';
import { ENDING, startOrAbort } from '../local/start.ts';
import { surfaceOf } from '../terminal/surface.ts';
import { readableLog } from './log-line.ts';

export interface DevDeps {
  env: NodeJS.ProcessEnv;
  stdout: NodeJS.WriteStream;
  say(line: string): void;
  interrupts: Interrupts;
}

const WORKERS = 2;
const NAME_WIDTH = 'mock-anthropic'.length;

async function start(deps: DevDeps, port: number): Promise<Stack> {
  const { env, stdout, say, interrupts } = deps;
  const { colours } = surfaceOf(stdout, env);
  const redisUrl = env['REDIS_URL'];
  return startOrAbort(
    {
      watch: true,
      model: chooseModel(env).model,
      env: tuningEnv(env),
      // The same over restarts, so that an address in a browser stays good.
      envFor: { api: { PORT: String(port === 0 ? await freePort() : port) } },
      onLine: ({ process, text }) => {
        const lines = readableLog(process, text, { nameWidth: NAME_WIDTH, colours });
        stdout.write(`${lines.join('\n')}\n`);
      },
      onProgress: say,
      ...(redisUrl ? { redisUrl } : {}),
    },
    WORKERS,
    { signal: interrupts.signal, say },
  );
}

/** Runs everything until Ctrl-C. @throws when it cannot be started; `Interrupted` when that comes before */
export async function runDev(deps: DevDeps, port: number): Promise<void> {
  const { say, interrupts, env } = deps;
  if (port !== 0 && !(await isPortFree(port))) {
    throw new Error(`Port ${port} is taken by another program: set PORT to a free one, or to 0 for any.`);
  }
  const stack = await start(deps, port);
  for (const child of [...stack.apis, ...stack.schedulers, ...stack.workers]) {
    void child.exited.then(({ code, signal }) => {
      if (!interrupts.signal.aborted) say(`${child.name} has ended (${signal ?? `exit code ${code}`}).`);
    });
  }
  const [api] = stack.apiUrls;
  const simulated = chooseModel(env).model.kind === 'mock';
  say('');
  say(`API          ${api}`);
  say(`API docs     ${api}/docs`);
  say(`Queue board  ${api}/admin/queues`);
  say(`Redis        ${stack.redisUrl}`);
  if (simulated) say(`Model        simulated at ${stack.mockUrl}; set ANTHROPIC_API_KEY to use Claude`);
  say('Processes restart when their source changes; press Ctrl-C to end them.');
  say('');
  await interrupts.interrupted;
  say(ENDING);
  await stack.stop();
}
