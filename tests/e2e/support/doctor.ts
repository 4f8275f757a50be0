import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../../apps/scheduler/src/doctor/main.ts', import.meta.url));

export interface DoctorRun {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the doctor as a process of its own. */
export function runDoctor(args: string[], env: Record<string, string>): Promise<DoctorRun> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [entry, ...args], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
