/**
 * A callout that is not eCryptfs: a gate that asks each user's own policy daemon whether an action is allowed.
 *
 *   node examples/callout/callout.mjs gate &                     # any user; root's gate is trusted by all
 *   node examples/callout/callout.mjs policy read:/home write:/tmp &
 *   node examples/callout/callout.mjs may read /home/alice/letter # allowed
 *
 * A question is JSON, an answer one byte. Who asks and who answers is told by credentials; no answer is a no.
 */
import {
  Asker, connect, DaemonSide, Door, doorOf, KernelSide, listen, TransportUnavailable,
} from 'msgctx/kernel'; // prettier-ignore

const place = { transport: 'netlink', port: Number(process.env.GATE_PORT ?? 0x4741_5445) };
const trusted = [0, process.getuid?.() ?? 0];
const [no, yes] = [Uint8Array.of(0), Uint8Array.of(1)];

/** A question as payload. */
export const question = (action, object) => Buffer.from(JSON.stringify({ action, object }));

/** What an outcome means: `allowed`, `denied`, or why nobody could say. */
export const verdict = (outcome) => {
  if (outcome.kind === 'failed') return outcome.errno;
  return outcome.payload.length === 1 && outcome.payload[0] === yes[0] ? 'allowed' : 'denied';
};

/** A policy: what is allowed are actions below folders, as `read:/home`. */
export const policy = (rules) => (payload) => {
  let asked;
  try {
    asked = JSON.parse(Buffer.from(payload).toString());
  } catch {
    return no;
  }
  const { action, object } = asked ?? {};
  if (typeof object !== 'string' || object.split('/').includes('..')) return no;
  const fits = ([verb, folder]) => verb === action && `${object}/`.startsWith(`${folder}/`);
  return rules.map((rule) => rule.split(':')).some(fits) ? yes : no;
};

const commands = {
  gate: async () => {
    const side = new KernelSide({ end: listen(place), contexts: 64, timeoutMs: 1000 });
    const door = new Door({ end: listen(doorOf(place)), side });
    console.log('the gate is open');
    await new Promise((resolve) => process.once('SIGTERM', resolve));
    side.close();
    door.close();
  },
  policy: async (...rules) => {
    const daemon = new DaemonSide({
      end: connect(place),
      answer: policy(rules),
      kernelUids: trusted,
    });
    process.once('SIGTERM', () => daemon.stop());
    console.log(`the policy of uid ${process.getuid?.()}: ${rules.join(' ')}`);
    await daemon.ended;
  },
  may: async (action, object) => {
    const asker = new Asker({ end: connect(doorOf(place)), kernelUids: trusted });
    const said = verdict(await asker.ask(question(action, object)));
    asker.close();
    console.log(said);
    process.exitCode = said === 'allowed' ? 0 : 1;
  },
};

if (import.meta.url === `file://${process.argv[1]}`) {
  const [name, ...words] = process.argv.slice(2);
  await (commands[name] ?? commands.may)(...words).catch((error) => {
    if (!(error instanceof TransportUnavailable)) throw error;
    console.error(error.message);
    process.exitCode = 3;
  });
}
