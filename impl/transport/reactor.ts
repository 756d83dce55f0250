import { linux, native } from './native.js';

/**
 * Tells when descriptors that Node does not know are readable.
 *
 * One epoll descriptor for the whole process is waited on in one thread of Node's pool, however many
 * ends are open. A watch is for once. Waiting goes on in slices, since a thread that waits for ever
 * would hold up the end of the process; an event descriptor ends a slice early when nobody watches any more.
 */

const sliceMs = 250;
const once = linux.event.in | linux.event.oneShot;

type Native = ReturnType<typeof native>;

class Reactor {
  readonly #native: Native = native();
  readonly #waiter = this.#native.waiter();
  readonly #epoll = must('epoll_create1', this.#native.createEpoll(0o2_000_000));
  readonly #bell = must('eventfd', this.#native.createEvent());
  readonly #watches = new Map<number, () => void>();
  /** Descriptors that epoll knows. */
  readonly #known = new Set<number>();
  #isWaiting = false;

  constructor() {
    must('epoll_ctl', this.#native.watch(this.#epoll, this.#bell, 'add', once));
    process.once('exit', () => {
      this.#ring();
    });
  }

  watch(fd: number, wake: () => void): void {
    this.#watches.set(fd, wake);
    const how = this.#known.has(fd) ? 'change' : 'add';
    must('epoll_ctl', this.#native.watch(this.#epoll, fd, how, once));
    this.#known.add(fd);
    this.#wait();
  }

  unwatch(fd: number): void {
    if (!this.#known.delete(fd)) return;
    this.#watches.delete(fd);
    this.#native.watch(this.#epoll, fd, 'remove', 0);
    if (this.#watches.size === 0 && this.#isWaiting) this.#ring();
  }

  /** Ends the slice that is being waited. The bell stays rung; what rings again is that it is watched anew. */
  #ring(): void {
    this.#native.raiseEvent(this.#bell);
    this.#native.watch(this.#epoll, this.#bell, 'change', once);
  }

  #wait(): void {
    if (this.#isWaiting || this.#watches.size === 0) return;
    this.#isWaiting = true;
    this.#waiter.later(this.#epoll, sliceMs, (fds) => {
      this.#isWaiting = false;
      for (const fd of fds) {
        const wake = this.#watches.get(fd);
        this.#watches.delete(fd);
        wake?.();
      }
      this.#wait();
    });
  }
}

let shared: Reactor | undefined;

/** The reactor of this process; made at the first use. */
export function reactor(): Pick<Reactor, 'watch' | 'unwatch'> {
  shared ??= new Reactor();
  return shared;
}

function must(what: string, result: number): number {
  if (result >= 0) return result;
  throw new Error(`${what} failed with errno ${-result}`);
}
