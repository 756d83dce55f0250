import { connect, DaemonSide, toKernel } from '../../impl/index.js';
import type { End, Place } from '../../impl/index.js';

/** A process that sends back what it gets: as datagrams and nothing else, or as a daemon. */

/** Sends every datagram back. */
export function echo(end: End): void {
  for (let got = end.receive(); got !== undefined; got = end.receive()) {
    if (got.kind === 'datagram') end.send(toKernel, got.bytes);
  }
  end.whenReadable(() => {
    echo(end);
  });
}

const [how, place] = process.argv.slice(2);
if (place !== undefined) {
  // The bench wrote it a moment ago.
  const end = connect(JSON.parse(place) as Place);
  if (how === 'bare') {
    end.send(toKernel, Uint8Array.of(1));
    echo(end);
  } else {
    const kernelUids = [process.getuid?.() ?? 0];
    new DaemonSide({ end, answer: (payload) => payload, kernelUids, renewMs: 0 });
  }
  process.on('disconnect', () => process.exit());
}
