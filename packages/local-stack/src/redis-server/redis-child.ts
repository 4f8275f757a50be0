import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnWithLifeline } from '../processes/spawn-with-lifeline.ts';
import { REDIS_READY_DEADLINE_MS, REDIS_READY_EVERY_MS, REDIS_STOP_GRACE_MS } from '../tunables.ts';
import { askRedisInfo } from './ask-redis.ts';
import { healTornLog } from './heal-torn-log.ts';
import type { RedisServerProgram } from './server-version.ts';

/** The port was taken between finding it free and Redis listening on it. */
export class PortTakenError extends Error {
  override name = 'PortTakenError';
}

/** What the signal does to a process that handles none: these do not end it. */
const NOT_ENDING: NodeJS.Signals[] = ['SIGSTOP', 'SIGCONT', 'SIGUSR1', 'SIGUSR2', 'SIGHUP'];

export interface RedisChildOptions {
  program: RedisServerProgram;
  port: number;
  dataDir: string;
  /** The folder is removed when this process ends, or on `letGo`. */
  ownFolder: boolean;
  appendOnly: boolean;
  extraArgs: string[];
}

export interface RedisChild {
  readonly pid: number;
  readonly port: number;
  readonly running: boolean;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** SIGTERM, then SIGKILL. */
  end(): Promise<void>;
  /** After it has ended: leaves the data folder, or removes it. */
  letGo(options: { keepFolder: boolean }): Promise<void>;
}

function redisArgs({ port, dataDir, appendOnly, extraArgs }: RedisChildOptions, logFile: string): string[] {
  return [
    ...['--port', String(port), '--bind', '127.0.0.1', '--protected-mode', 'yes', '--daemonize', 'no'],
    ...['--dir', dataDir, '--logfile', logFile, '--save', '', '--maxmemory-policy', 'noeviction'],
    ...(appendOnly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']),
    ...extraArgs,
  ];
}

/** The last lines that Redis left, without its prefix of process id and time. */
function lastWords(log: string): string {
  const lines = log.split('\n').map((line) => line.replace(/^\d+:\w \S+ \S+ \S+ \S+ . /, '').trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('***'))
    .slice(-2)
    .join(' ');
}

/** Starts one Redis process and waits until it answers. Rejects with PortTakenError, or what Redis said. */
export async function startRedisChild(options: RedisChildOptions): Promise<RedisChild> {
  const { program, port, dataDir, ownFolder, appendOnly } = options;
  const logFile = join(dataDir, 'redis.log');
  await rm(logFile, { force: true });
  const { child, letGo } = spawnWithLifeline({
    command: program.path,
    args: redisArgs(options, logFile),
    // Redis 7.2 and newer refuse to start with an unknown locale.
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
    ...(ownFolder ? { folder: dataDir } : {}),
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-4_000);
    });
  }
  let running = true;
  let startError: Error | undefined;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      running = false;
      resolve();
    };
    child.once('exit', end);
    child.once('error', (error) => {
      startError = error;
      if (child.pid === undefined) end();
    });
  });
  const pid = child.pid ?? -1;

  const kill = async (signal: NodeJS.Signals) => {
    if (running) child.kill(signal);
    if (!NOT_ENDING.includes(signal)) await ended;
  };
  const end = async () => {
    const timer = setTimeout(() => void kill('SIGKILL'), REDIS_STOP_GRACE_MS);
    // One that was halted with SIGSTOP would not see SIGTERM.
    await kill('SIGCONT');
    await kill('SIGTERM');
    clearTimeout(timer);
  };
  const letGoOfFolder = async ({ keepFolder }: { keepFolder: boolean }) => {
    letGo({ keepFolder });
    if (!keepFolder) await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  };

  const failure = async (): Promise<Error> => {
    const log = `${printed}\n${await readFile(logFile, 'utf8').catch(() => '')}`;
    if (/Address already in use/i.test(log)) {
      return new PortTakenError(`Redis cannot listen on 127.0.0.1:${port}: another program uses that port.`);
    }
    return new Error(`Redis (${program.path}) did not start: ${startError?.message ?? lastWords(log)}`);
  };

  const deadline = Date.now() + REDIS_READY_DEADLINE_MS;
  while (running) {
    const info = await askRedisInfo(port).catch(() => undefined);
    // Whatever else may answer on that port, only this process counts, and only with its data loaded.
    if (info?.get('process_id') === String(pid) && info.get('loading') === '0') {
      if (appendOnly) await healTornLog(port, await readFile(logFile, 'utf8').catch(() => ''));
      return {
        pid,
        port,
        get running() {
          return running;
        },
        kill,
        end,
        letGo: letGoOfFolder,
      };
    }
    if (Date.now() > deadline) break;
    await Promise.race([delay(REDIS_READY_EVERY_MS), ended]);
  }
  const error = running
    ? new Error(
        `Redis (${program.path}) did not answer on port ${port} within ${REDIS_READY_DEADLINE_MS / 1000} s.`,
      )
    : await failure();
  await kill('SIGKILL');
  letGo({ keepFolder: true });
  throw error;
}
