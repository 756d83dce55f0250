/** How binding a rule is, in the sense of RFC 2119. */
export type Level = 'MUST' | 'SHOULD' | 'MAY';

/** The name of a version of the protocol. */
export type ProfileName = 'seed' | 'netlink-2.6.21' | 'device-2.6.26' | 'device-6';

/** Which side of the protocol a rule binds. */
export type Role = 'kernel' | 'daemon';

/** What the catalogue says of a rule. */
export interface Entry {
  /** Whom it binds; the kernel's side, unless said otherwise. */
  readonly role?: Role;
  readonly level: Level;
  /** The rule, in one or two sentences. */
  readonly text: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** The profiles that have it; all, unless said otherwise. */
  readonly profiles?: readonly ProfileName[];
  /**
   * What carries it in the model: a state (`context.free`), a transition (`context.free ACQUIRE`), an
   * action (`daemon/sendQuit`), a guard (`reply[senderIsUser]`), a joint transition (`request/sent`),
   * or a machine that has it by its shape (`daemon`: one for each user).
   */
  readonly elements: readonly string[];
}
