import type { DefectId, Environment, Check, Switches } from '../defects.js';
import type { Profile } from '../profiles.js';
import { nameOfQueue, queueStates } from '../queue.machine.js';
import type { CascadePath } from '../reply.machine.js';
import { cascade } from '../reply.machine.js';
import type { Bounds, Condition, Move, Ref } from '../vector.js';
import { at, range } from '../vector.js';

/** What the synchronisation vectors of a system depend on, worked out once. */
export interface Rules {
  readonly bounds: Required<Bounds>;
  /** Tasks beyond the contexts. */
  readonly orphans: number;
  readonly profile: Profile;
  /** Every way through the cascade that is left when checks are taken out. */
  readonly paths: readonly CascadePath[];
  readonly defects: ReadonlySet<DefectId>;
  readonly without: ReadonlySet<Check>;
  readonly environment: Environment;
  /** Every content of a queue, by name. */
  readonly queueStates: readonly (readonly (number | 'x' | 'quit')[])[];
}

/** Works out the rules of a system. */
export function rulesOf(bounds: Bounds, profile: Profile, switches: Switches): Rules {
  const defects = new Set(switches.defects);
  const without = new Set<Check>(switches.without);
  if (defects.has('D-2')) without.add('senderIsUser');
  if (defects.has('D-5')) without.add('contextInUse').add('contextEverUsed');
  const { contexts } = bounds;
  const all = { tasks: contexts, queue: 0, quitMarkers: false, ...bounds };
  const checks = profile.checks.filter(({ fact }) => !without.has(fact));
  return {
    bounds: all,
    orphans: all.tasks - contexts,
    profile,
    paths: cascade({ ...profile, checks }),
    defects,
    without,
    environment: {
      ...switches.environment,
      pidReuse: switches.environment.pidReuse || defects.has('D-2'),
    },
    queueStates: all.queue === 0 ? [] : queueStates(contexts, all.queue, all.quitMarkers),
  };
}

/** Whether a reply can crash the kernel under these rules. */
export function canCrash({ without }: Rules): boolean {
  return ['indexInRange', 'contextInUse', 'contextEverUsed'].some((fact) =>
    // The words above are facts.
    without.has(fact as Check),
  );
}

/** The queue of a process. */
export function queueOf({ bounds }: Rules, user: number, process: number): Ref {
  return at('queue', user * bounds.processes + process);
}

/** That a queue's content is, or is not, one of some. */
export function queueHas(
  rules: Rules,
  queue: Ref,
  holds: (entries: Rules['queueStates'][number]) => boolean,
): Condition {
  return { at: queue, in: rules.queueStates.filter(holds).map(nameOfQueue) };
}

/** What becomes of the owner of a context that is freed. */
export function ownerForgotten({ profile }: Rules, context: number): Move[] {
  return profile.owner === 'is kept' ? [] : [{ at: at('owner', context), events: ['CLEAR'] }];
}

/** The numbers below `count` but one. */
export function others(count: number, except: number): number[] {
  return range(count).filter((nth) => nth !== except);
}
