import type { Bounds, Check, Defect, DefectId, Profile, Switches } from '../../model/index.js';
import { BoundsError, checksOf, defects, profiles, seed } from '../../model/index.js';
import { mustExist, UsageError } from '../usage.js';

/** Which model is meant: profile, bounds, and what is switched in it. */

/** The options that choose a model, as they are typed. */
export interface ModelFlags {
  readonly profile?: string;
  readonly defect: readonly string[];
  readonly without: readonly string[];
  readonly contexts: number;
  readonly users: number;
  readonly processes: number;
  readonly tasks?: number;
  readonly queues?: number;
  readonly quitMarkers: boolean;
}

/** A model as it was chosen; what was not said has its default. */
export interface Model {
  readonly profile: Profile;
  readonly bounds: Required<Bounds>;
  readonly switches: Switches;
}

/**
 * Works out which model is meant. The environment can make sends fail and send signals; pids are used
 * again where a defect needs it.
 *
 * @throws UsageError for a name that does not exist, and for what cannot go together
 */
export function modelOf(flags: ModelFlags): Model {
  const chosen = flags.defect.map(defectOf);
  const profile = profileOf(flags.profile, chosen);
  for (const check of flags.without) mustExist('check', check, checksOf(profile));
  return {
    profile,
    bounds: boundsOf(flags, chosen),
    switches: {
      defects: chosen.map(({ id }) => id),
      // The names were found among the checks above.
      without: flags.without as readonly Check[],
      environment: { sendFails: true, signals: true, pidReuse: false },
    },
  };
}

/** What does not fit into the model is the user's to change. */
export function withinBounds<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof BoundsError) throw new UsageError(error.message);
    throw error;
  }
}

function defectOf(id: string): Defect {
  mustExist(
    'defect',
    id,
    defects.map((one) => one.id),
  );
  const found = defects.find((one) => one.id === (id as DefectId));
  if (found === undefined) throw new UsageError(`there is no defect "${id}"`);
  return found;
}

/** The profile asked for, or the first one under which all the defects can happen. */
function profileOf(name: string | undefined, chosen: readonly Defect[]): Profile {
  const known = name === undefined ? undefined : profiles[name];
  if (name !== undefined && known === undefined) {
    mustExist('profile', name, Object.keys(profiles));
  }
  if (known !== undefined) {
    const stranger = chosen.find((defect) => !defect.profiles.includes(known.name));
    if (stranger === undefined) return known;
    throw new UsageError(
      `${stranger.id} cannot happen under profile ${known.name}, where ${stranger.elsewhere}; it can under ${stranger.profiles.join(', ')}`,
    );
  }
  const common = Object.values(profiles).find((profile) =>
    chosen.every((defect) => defect.profiles.includes(profile.name)),
  );
  const first = chosen[0]?.profiles[0];
  const preferred = profiles[first ?? seed.name];
  const all =
    preferred !== undefined && chosen.every((one) => one.profiles.includes(preferred.name));
  if (all) return preferred;
  if (common !== undefined) return common;
  throw new UsageError(
    `there is no profile under which ${chosen.map(({ id }) => id).join(' and ')} can happen together`,
  );
}

function boundsOf(flags: ModelFlags, chosen: readonly Defect[]): Required<Bounds> {
  const queued = chosen.find(({ queue }) => queue);
  if (queued !== undefined && flags.queues === 0) {
    throw new UsageError(`${queued.id} happens to messages that wait: choose --queues 1 or more`);
  }
  const { contexts, users, processes, quitMarkers } = flags;
  return {
    contexts,
    users,
    processes,
    quitMarkers,
    tasks: flags.tasks ?? contexts + (chosen.length === 0 ? 0 : 1),
    queue: flags.queues ?? (queued === undefined ? 0 : 1),
  };
}
