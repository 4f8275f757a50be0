/** Starts a process that is restarted on change, says the process ids, and waits to be killed. */
import { startProcess } from '../processes/managed-process.ts';

const child = startProcess({ name: 'watched', entry: process.env['ENTRY'] ?? '', watch: true });
const line = await child.waitForLine((text) => text.startsWith('{"pid"'), 20_000);
console.log(JSON.stringify({ pids: [child.pid, (JSON.parse(line) as { pid: number }).pid] }));
setInterval(() => {}, 1_000);
