import { mustExist } from '../usage.js';
import { prepare } from '../subjects/linux/image.js';
import { kernels } from '../subjects/linux/kernels.js';
import { PrepareError } from '../subjects/linux/programs.js';

/** `msgctx target prepare NAME`: fetches and builds what a target needs beyond this package. */

/** The options of `msgctx target prepare`. */
export interface PrepareFlags {
  readonly kernel: string;
}

/** Returns the exit status: 3 when something is missing on this machine. */
export async function prepareCommand(target: string, { kernel }: PrepareFlags): Promise<number> {
  mustExist('target to prepare', target, ['linux']);
  mustExist('kernel', kernel, Object.keys(kernels));
  const beganMs = performance.now();
  const tell = (step: string) => process.stderr.write(`msgctx: ${step}\n`);
  try {
    const { version } = await prepare(kernel, tell);
    const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
    process.stdout.write(`linux: Debian's kernel ${version} is ready, after ${seconds} s\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    for (const line of error.message.split('\n')) process.stderr.write(`msgctx: ${line}\n`);
    return 3;
  }
}
