/**
 * A limited number of places for connections of one kind.
 *
 * A limit that only refuses newcomers can be filled by clients that then do nothing, and locks everybody else out.
 * So when all places are taken, a newcomer gets the place of a member that can be spared; it is refused only if
 * there is none.
 */
export interface SlotOptions<Member> {
  readonly max: number;
  /** Chooses who can be spared; the members come in the order of their last activity, oldest first. */
  readonly spare: (members: readonly Member[]) => Member | undefined;
  /** Ends the connection of a member that lost its place. */
  readonly end: (member: Member) => void;
}

/** The places, and who has them. */
export class Slots<Member> {
  readonly #options: SlotOptions<Member>;
  /** A Set keeps the order in which members were added. */
  readonly #members = new Set<Member>();

  constructor(options: SlotOptions<Member>) {
    this.#options = options;
  }

  /** Whether a newcomer would get a place. */
  get hasRoom(): boolean {
    return this.#members.size < this.#options.max || this.#spared !== undefined;
  }

  /** Gives a place to a newcomer, if need be that of another member. */
  add(member: Member): void {
    const { max, end } = this.#options;
    const spared = this.#members.size < max ? undefined : this.#spared;
    if (spared !== undefined) {
      this.#members.delete(spared);
      end(spared);
    }
    this.#members.add(member);
  }

  /** A member did something: it is now the most recent one. */
  touch(member: Member): void {
    if (this.#members.delete(member)) this.#members.add(member);
  }

  /** A member is gone. */
  delete(member: Member): void {
    this.#members.delete(member);
  }

  get #spared(): Member | undefined {
    return this.#options.spare([...this.#members]);
  }
}
