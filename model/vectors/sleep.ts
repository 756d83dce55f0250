import type { Condition, Move, Vector } from '../vector.js';
import { at, range } from '../vector.js';
import type { Rules } from './rules.js';
import { ownerForgotten, queueHas, queueOf } from './rules.js';

/** The vectors of a sleeper: its time passes, it looks, a signal comes, a message is read. */

/** The time of the task on a context has passed. */
export function expire(rules: Rules, context: number): Vector[] {
  if (rules.without.has('timeLimit')) return [];
  return [
    {
      name: 'expire',
      when: [],
      moves: [{ at: at('task', context), events: ['EXPIRE'] }],
      requirements: ['SLP-4', 'SLP-6'],
    },
  ];
}

/** The task on a context looks what became of its request. */
export function look(rules: Rules, context: number): Vector[] {
  const task = at('task', context);
  const taken: Omit<Vector, 'name' | 'when' | 'requirements'> = {
    moves: [...freed(rules, context, 'RELEASE'), { at: task, events: ['LOOK_REPLY'] }],
  };
  return [
    ...unread(rules, context, {
      ...taken,
      name: 'look/answered',
      when: [{ at: task, in: ['sleeping.waiting'] }],
      requirements: ['SLP-1', 'SLP-2', 'SLP-6', 'CTX-5'],
    }),
    ...unread(rules, context, {
      ...taken,
      name: 'look/answered-late',
      when: [{ at: task, in: ['sleeping.expired'] }],
      requirements: ['SLP-5', 'SLP-1', 'SLP-2', 'SLP-6', 'CTX-5'],
    }),
    ...unread(rules, context, {
      name: 'look/timed-out',
      when: [],
      moves: [...freed(rules, context, 'EXPIRE'), { at: task, events: ['LOOK_EXPIRED'] }],
      requirements: ['SLP-2', 'SLP-3', 'SLP-6', 'CTX-6'],
    }),
    {
      name: 'look/nothing',
      when: [{ at: at('context', context), in: ['pending'] }],
      moves: [{ at: task, events: ['LOOK_NOTHING'] }],
      requirements: ['SLP-7'],
    },
    ...(rules.defects.has('D-3') ? forsaken(context) : []),
  ];
}

/** D-3: the context was freed under the sleeper; it sees neither reply nor request. */
function forsaken(context: number): Vector[] {
  const free = { at: at('context', context), in: ['free'] };
  const task = at('task', context);
  return [
    {
      name: 'look/nothing',
      when: [free],
      moves: [{ at: task, events: ['LOOK_NOTHING'] }],
      requirements: ['SLP-7'],
    },
    {
      name: 'look/timed-out',
      when: [free],
      moves: [{ at: task, events: ['LOOK_EXPIRED'] }],
      requirements: ['SLP-3'],
    },
  ];
}

/** A signal reaches the task on a context. */
export function interrupt(rules: Rules, context: number): Vector[] {
  const task = at('task', context);
  const ignored: Vector = {
    name: 'interrupt/ignored',
    when: [{ at: task, in: ['sleeping'] }],
    moves: [],
    requirements: ['SLP-9'],
  };
  if (rules.profile.signal === 'is ignored') return [ignored];
  return [
    { ...ignored, option: 'ignored', requirements: ['SLP-8'] },
    ...unread(rules, context, {
      name: 'interrupt/ends',
      option: 'ends',
      when: [],
      moves: [...freed(rules, context, 'INTERRUPT'), { at: task, events: ['INTERRUPT'] }],
      requirements: ['SLP-8', 'SLP-6'],
    }),
  ];
}

function freed(rules: Rules, context: number, event: string): Move[] {
  return [{ at: at('context', context), events: [event] }, ...ownerForgotten(rules, context)];
}

/** What becomes of a message that nobody has read when its request ends. D-7: nothing. */
function unread(rules: Rules, context: number, way: Vector): Vector[] {
  const { queue, users, processes } = rules.bounds;
  if (queue === 0 || rules.defects.has('D-7')) return [way];
  return range(users).flatMap((user) => {
    const owned: Condition = { at: at('owner', context), in: [`is${user}`] };
    const queues = range(processes).map((process) => queueOf(rules, user, process));
    const has = (place: (typeof queues)[number]) =>
      queueHas(rules, place, (entries) => entries.includes(context));
    const wasRead = queues.map((place) =>
      queueHas(rules, place, (entries) => !entries.includes(context)),
    );
    return [
      { ...way, when: [...way.when, owned, ...wasRead] },
      ...queues.flatMap((place) =>
        rules.profile.unread.map((fate): Vector => ({
          ...way,
          when: [...way.when, owned, has(place)],
          moves: [
            ...way.moves,
            {
              at: place,
              events: [`${fate === 'withdrawn' ? 'WITHDRAW' : 'LEAVE'}_${context}`],
            },
          ],
          ...optionOf(way, rules.profile.unread.length > 1 ? fate : undefined),
          requirements: [...way.requirements, 'QUE-3'],
        })),
      ),
    ];
  });
}

function optionOf({ option }: Vector, fate: string | undefined): { option?: string } {
  const words = [option, fate].filter((word) => word !== undefined).join(', ');
  return words === '' ? {} : { option: words };
}

/** A daemon process reads the oldest message that waits for it. */
export function read(rules: Rules, user: number, process: number): Vector[] {
  const queue = queueOf(rules, user, process);
  const front = (entry: number | 'x' | 'quit') =>
    queueHas(rules, queue, (entries) => entries[0] === entry);
  const take = [{ at: queue, events: ['READ'] }];
  const ways: Vector[] = [
    ...range(rules.bounds.contexts).flatMap((context) =>
      readRequest(rules, user, context, {
        name: 'read/request',
        option: `context ${context}`,
        when: [front(context)],
        moves: take,
        requirements: ['QUE-1', 'REQ-2'],
      }),
    ),
    { name: 'read/ended', when: [front('x')], moves: take, requirements: ['QUE-1', 'QUE-3'] },
    { name: 'read/quit', when: [front('quit')], moves: take, requirements: ['QUE-1', 'REG-3'] },
    {
      name: 'read/nothing',
      when: [{ at: queue, in: ['empty'] }],
      moves: [],
      requirements: ['QUE-1'],
    },
  ];
  return rules.bounds.quitMarkers ? ways : ways.filter(({ name }) => name !== 'read/quit');
}

/** D-7: what was left behind by a request that ended is read as a packet without a message. */
function readRequest(rules: Rules, user: number, context: number, way: Vector): Vector[] {
  if (!rules.defects.has('D-7')) return [way];
  const own: Condition = { at: at('owner', context), in: [`is${user}`] };
  const not: Condition = { at: at('owner', context), notIn: [`is${user}`] };
  return [
    { ...way, when: [...way.when, own] },
    { ...way, name: 'read/empty', when: [...way.when, not] },
  ];
}

/** D-3: the time of a task whose context serves another request has passed. */
export function orphanExpires(orphan: number): Vector[] {
  return [
    {
      name: 'orphan/expires',
      when: [],
      moves: [{ at: at('orphan', orphan), events: ['EXPIRE'] }],
      requirements: ['SLP-4'],
    },
  ];
}

/** D-3: such a task looks: it takes whatever reply is there, and gives up what is not its own. */
export function orphanLooks(rules: Rules, orphan: number): Vector[] {
  const task = at('orphan', orphan);
  const leaves = { at: at('orphanage', orphan), events: ['CLEAR'] };
  return range(rules.bounds.contexts).flatMap((nth): Vector[] => {
    const context = at('context', nth);
    const here: Condition = { at: at('orphanage', orphan), in: [`is${nth}`] };
    const gone: Move[] = [
      { at: context, to: 'free' },
      { at: at('owner', nth), to: 'none' },
    ];
    const isPending: Condition = { at: context, in: ['pending'] };
    const timesOut: Vector = {
      name: 'orphan/times-out',
      when: [here, { at: context, in: ['free'] }],
      moves: [{ at: task, events: ['LOOK_EXPIRED'] }, leaves],
      requirements: ['SLP-3'],
    };
    const steals = { when: [here, isPending], moves: [...timesOut.moves, ...gone] };
    return [
      timesOut,
      ...unread(rules, nth, { ...timesOut, ...steals }),
      ...unread(rules, nth, {
        name: 'orphan/takes-answer',
        when: [here, { at: context, in: ['done'] }],
        moves: [{ at: task, events: ['LOOK_REPLY'] }, leaves, ...gone],
        marks: ['takes the answer to another request'],
        requirements: ['SLP-1'],
      }),
      {
        name: 'orphan/sees-nothing',
        when: [here, { at: context, notIn: ['done'] }],
        moves: [{ at: task, events: ['LOOK_NOTHING'] }],
        requirements: ['SLP-7'],
      },
    ];
  });
}
