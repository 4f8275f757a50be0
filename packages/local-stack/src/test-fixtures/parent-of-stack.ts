/** Starts a whole stack of stand-ins, says all process ids, and waits to be killed. */
import { startStack } from '../stack.ts';
import { fixture } from './fixture.ts';

const entry = fixture('well-behaved');
const stack = await startStack({ entries: { api: entry, scheduler: entry, worker: entry, mock: entry } });
const all = [...stack.apis, ...stack.schedulers, ...stack.workers, stack.mock, stack.redis];
console.log(JSON.stringify({ pids: all.map((one) => one?.pid), folder: stack.redis?.dataDir }));
setInterval(() => {}, 1_000);
