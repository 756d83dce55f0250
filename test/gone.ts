import { readFileSync } from 'node:fs';

/** Whether a process runs; one that only waits to be buried does not. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Whether a process is gone, or soon will be. */
export async function gone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 3000 && runs(pid); tries += 1) await pause(10);
  return !runs(pid);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
