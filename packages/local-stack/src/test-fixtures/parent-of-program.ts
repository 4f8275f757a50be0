/** Starts a program with a lifeline and a folder, says its process id, and waits to be killed. */
import { spawnWithLifeline } from '../processes/spawn-with-lifeline.ts';

const folder = process.env['FOLDER'] ?? '';
const { child } = spawnWithLifeline({
  command: 'sleep',
  args: ['600'],
  env: { PATH: process.env['PATH'] ?? '' },
  folder,
});
console.log(JSON.stringify({ pids: [child.pid] }));
setInterval(() => {}, 1_000);
