import { readFile } from 'node:fs/promises';

/** Linux counts processor time in these. */
const TICKS_PER_S = 100;

/** Processor time that a process has used so far, in seconds; NaN where the system does not tell (other than Linux). */
export async function cpuSeconds(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in brackets, may hold anything; user and system time are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}
