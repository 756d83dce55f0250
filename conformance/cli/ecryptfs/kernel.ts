import { doorOf, Door, KernelSide, listen } from '../../../impl/index.js';
import type { PlaceFlags } from './place.js';
import { placeOf } from './place.js';
import { untilStopped } from './stop.js';

/** `msgctx ecryptfs kernel`: the kernel side as a process, until it is told to stop. */
export interface KernelFlags extends PlaceFlags {
  readonly contexts: number;
  readonly timeout: number;
  readonly callsPerUser?: number;
}

/** Returns the exit status. */
export async function kernelCommand(flags: KernelFlags): Promise<number> {
  const { contexts, timeout, callsPerUser } = flags;
  const place = placeOf(flags);
  // From here on a signal ends it in order, so that no socket is left.
  const stopped = untilStopped();
  const side = new KernelSide({ end: listen(place), contexts, timeoutMs: timeout });
  const door = openDoor();
  const where = place.transport === 'netlink' ? `netlink port ${place.port}` : place.path;
  process.stdout.write(`kernel side at ${where}: ${contexts} contexts, time-out ${timeout} ms\n`);
  await stopped;
  // Who sleeps is told before the door is gone.
  side.close();
  door.close();
  return 0;

  function openDoor(): Door {
    try {
      return new Door({ end: listen(doorOf(place)), side, callsPerUser });
    } catch (error) {
      side.close();
      throw error;
    }
  }
}
