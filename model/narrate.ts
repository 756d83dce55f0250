import type { Step } from './system.js';
import type { Action, Guise } from './vector.js';

/**
 * A run of the model as lines in the words of the protocol, for whoever reads a trace.
 *
 * Requests get names (`r1`), users and processes count from 1 (`u1.d2`); what came of it follows the
 * arrow.
 */
export function narrate(steps: readonly Step[]): readonly string[] {
  const names = new Names();
  return steps.map((step) => {
    const words = names.wordsOf(step);
    const { name, refusal, option, marks } = step.vector;
    // Which request is read is said by its name.
    const choice = option === undefined || name.startsWith('read/') ? '' : ` (${option})`;
    if (marks?.includes('hides a refusal') === true) {
      return `${words} -> refused (${refusal ?? ''}), but its sender is told that it was taken`;
    }
    const outcome = outcomes[name] ?? (refusal === undefined ? name : `refused: ${refusal}`);
    return `${words} -> ${outcome}${choice}`;
  });
}

/** What became of a command. Refusals are said as such. */
const outcomes: Readonly<Record<string, string>> = {
  'helo/first': 'registered',
  'helo/again': 'stays registered',
  'helo/replaces': 'registered; the old daemon is told to quit',
  'helo/reclaims': 'registered; the stale registration is gone',
  'helo/duplicates': 'registered; the old registration stays too',
  'helo/again-refused': 'refused: it is registered already',
  'helo/second-refused': 'refused: the user has a daemon',
  'quit/registered': 'no longer registered',
  'quit/unchecked': "no longer registered, though it was another process's registration",
  'quit/not-registered': 'refused: the user has no daemon',
  'quit/other-process': 'refused: another process is registered',
  'exit/registered': 'dead, while registered',
  'exit/other-process': 'dead',
  'reuse-pid': 'a process of another user has the pid of the dead daemon',
  'request/sent': 'sent; its process sleeps',
  'request/no-daemon': 'refused: the user has no daemon',
  'request/no-context': 'refused: no context is free',
  'request/dead-daemon': 'refused: the daemon is dead',
  'request/send-failed': 'refused: the message could not be sent',
  'request/queue-full': 'refused: the queue of the daemon is full',
  'request/nobody-left': 'nobody is left who could ask',
  'reply/accepted': 'accepted',
  'reply/crash': 'the kernel side crashes',
  expire: 'its time is over',
  'look/answered': 'returns the reply',
  'look/answered-late': 'returns the reply, though its time is over',
  'look/timed-out': 'returns: timed out',
  'look/nothing': 'sleeps on',
  'interrupt/ignored': 'sleeps on',
  'interrupt/ends': 'returns: interrupted',
  'read/request': 'takes a request',
  'read/ended': 'takes a request that has ended',
  'read/empty': 'takes a packet without a message',
  'read/quit': 'takes a message to quit',
  'read/nothing': 'nothing waits',
  'read-twice/locks': 'returns with the table of daemons locked',
  'orphan/expires': 'its time is over',
  'orphan/takes-answer': 'returns the reply to another request',
  'orphan/times-out': 'returns: timed out; the context is freed under its new user',
  'orphan/sees-nothing': 'sleeps on',
};

/** Remembers which request is in which context. */
class Names {
  #requests = 0;
  readonly #inContext = new Map<number, string>();
  readonly #orphans = new Map<number, string>();

  wordsOf({ action, vector }: Step): string {
    switch (action.do) {
      case 'helo':
      case 'quit':
      case 'exit':
      case 'read-twice':
        return `${action.do} ${processName(action)}`;
      case 'read': {
        const [, context] = /^context (\d+)$/.exec(vector.option ?? '') ?? [];
        const name = context === undefined ? '' : ` ${this.#request(Number(context))}`;
        return `read ${processName(action)}${name}`;
      }
      case 'reuse-pid':
        return `reuse-pid u${action.user + 1}`;
      case 'request': {
        this.#requests += 1;
        const name = `r${this.#requests}`;
        const orphaned = vector.moves.find(({ at }) => at.kind === 'orphan');
        const before = this.#inContext.get(vector.choice ?? -1);
        if (orphaned !== undefined && before !== undefined) {
          this.#orphans.set(orphaned.at.nth, before);
        }
        if (vector.choice !== undefined) this.#inContext.set(vector.choice, name);
        return `request ${name} u${action.user + 1}${action.sendFails === true ? ' send=fails' : ''}`;
      }
      case 'reply':
        return `reply ${processName(action)}${this.#numbers(action)}`;
      case 'expire':
        return `advance ${this.#request(action.context)}`;
      case 'look':
        return `wake ${this.#request(action.context)}`;
      case 'interrupt':
        return `interrupt ${this.#request(action.context)}`;
      case 'orphan-expires':
        return `advance ${this.#orphans.get(action.orphan) ?? 'r0'}`;
      case 'orphan-looks':
        return `wake ${this.#orphans.get(action.orphan) ?? 'r0'}`;
    }
  }

  #request(context: number): string {
    return this.#inContext.get(context) ?? `unused ${context}`;
  }

  #numbers({ context, sequence }: Action & { do: 'reply' }): string {
    if (context === 'outside') return ' outside';
    const name = this.#inContext.get(context) ?? 'unused';
    return ` ${name}${sequence === 'older' ? ' seq=older' : ''}`;
  }
}

const guises: Readonly<Record<Guise, string>> = {
  stranger: 'stranger with the pid of its daemon',
  namesake: 'namesake in another namespace',
};

function processName(by: { user: number; process: number; guise?: Guise }): string {
  const { user, process, guise } = by;
  return guise === undefined ? `u${user + 1}.d${process + 1}` : `u${user + 1}'s ${guises[guise]}`;
}
