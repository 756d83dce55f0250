import type { MachineRead } from '../learn/machine-file.js';
import type { Subject } from '../subject.js';
import { assetsIn, pageFolder } from './assets.js';
import { Drawings } from './drawings.js';
import type { Listening } from './gate.js';
import { LearntMachine } from './learnt.js';
import { Live } from './live.js';
import { Mirror } from './mirror.js';
import { Notices } from './notices.js';
import { Pages } from './pages.js';
import { playback } from './playback.js';
import { Programs } from './programs.js';
import { Relay } from './relay.js';
import { Routes } from './routes.js';
import { serve } from './server.js';

/** The inspector as a whole: server, live run, relay, and saved conversations. */

/** What the inspector shows, and where. */
export interface InspectorOptions extends Listening {
  /** Opens the implementation under test. */
  readonly open: () => Promise<Subject>;
  /** The same, as words of a command line. */
  readonly words: string;
  /** Whether a run starts at once, or when the user presses Start. */
  readonly run: 'at once' | 'when asked';
  readonly strict: boolean;
  /** A trace file to play, and a function that reads it. */
  readonly replay?: { readonly file: string; readonly read: () => string };
  /** A learnt machine, and the file that it was read from. */
  readonly learnt?: { readonly file: string; readonly read: MachineRead };
  /** Whether the hosted inspector is shown too. */
  readonly hosted: 'shown' | 'not shown';
  /** Writes in the terminal. */
  readonly write: (text: string) => void;
  /** The folder with the files of the page; by default the one beside this file. */
  readonly folder?: string;
}

/** A running inspector. */
export interface Inspector extends Listening {
  readonly address: string;
  readonly notice: (sentence: string) => void;
  /** Ends everything. */
  close(): Promise<void>;
}

/** Starts it. @throws what serve() throws if it cannot listen */
export async function startInspector(options: InspectorOptions): Promise<Inspector> {
  const { host, port, hosted } = options;
  let begin: () => void = () => undefined;
  const listens = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const parts = await partsOf(options, listens);
  const { mirror, live, drawings, foreignDrawings, notices, learnt } = parts;
  const { routes, pages, programs } = parts;
  const server = await serve({ host, port, routes, pages, programs, notice: notices.addForeign });
  begin();
  const drawing = learnt?.drawing;
  drawings.warm(typeof drawing === 'string' ? undefined : drawing);
  if (hosted === 'shown') mirror.showAll();
  if (options.run === 'at once') live.order({ do: 'start', suite: '' });
  return {
    host: server.host,
    port: server.port,
    address: server.address,
    notice: notices.add,
    close: async () => {
      mirror.stop();
      await server.close();
      await drawings.close();
      await foreignDrawings.close();
      await live.close();
    },
  };
}

/**
 * Makes all parts and connects them.
 *
 * @param listens resolves when the server listens; the adapter of a replay starts only then
 */
async function partsOf(options: InspectorOptions, listens: Promise<void>) {
  const { open, words, strict, replay } = options;
  const changed = () => {
    pages.changed();
  };
  const notices = new Notices(options.write, changed);
  const relay = new Relay();
  const programs = new Programs({ relay, notice: notices.addForeign, changed });
  const mirror = await Mirror.start((event) => {
    programs.tell(event);
  });
  const live = new Live({
    ...{ open, words, strict, changed, notice: notices.add },
    // Actors cost more than steps: they run only if there is a listener.
    began: (system) => {
      if (programs.isHeard) mirror.began(system);
    },
    took: (step) => {
      if (programs.isHeard) mirror.took(step);
    },
  });
  const pages = new Pages({ live, relay, notices });
  const learnt = options.learnt && new LearntMachine(options.learnt.read, options.learnt.file);
  const drawings = new Drawings();
  // A machine that takes long to draw holds up only pictures of its kind.
  const foreignDrawings = new Drawings();
  const play = replay && (() => playback({ ...replay, open, words, strict, notice: notices.add }));
  const routes = new Routes({
    ...{ drawings, foreignDrawings, live, relay, learnt },
    assets: assetsIn(options.folder ?? pageFolder),
    replay: play && listens.then(play),
    stately: options.hosted === 'shown',
    stepped: (query, moves) => {
      mirror.stepped(query, moves);
    },
  });
  return { notices, programs, mirror, live, pages, learnt, drawings, foreignDrawings, routes };
}
