/** What is left to a daemon. The usual habits are those of a careful one; a variant has others. */
export interface DaemonHabits {
  /** The status of a failure, and how many bytes stand behind it. */
  readonly failureStatus: number;
  readonly failureBytes: number;
  /** A byte stands behind a short encrypted key, as in ecryptfs-utils. */
  readonly byteBehind: boolean;
  /** Told to quit, it says so too. */
  readonly quitsWhenToldTo: boolean;
  /** Asked to stop, it tells its exit too. */
  readonly tellsItsExit: boolean;
  /** Bytes behind the last field are refused. */
  readonly refusesMore: boolean;
  /** The length of five bytes is understood. */
  readonly readsFiveBytes: boolean;
  /** More than 64 bytes of content are refused. */
  readonly refusesLong: boolean;
  /** Contents that are no cipher code, key and checksum are refused. */
  readonly checksContent: boolean;
  /** An unknown tag gets a failure of the tag that follows it. */
  readonly answersUnknownTags: boolean;
  /** A datagram of which index and number can be read gets a failure. */
  readonly answersInPart: boolean;
  /** A datagram ends where it says, and what stands behind is passed over. */
  readonly passesOverPadding: boolean;
  /** A token whose module is not known, or that cannot be read, is refused when it is added. */
  readonly refusesTokens: boolean;
  /** A field of a token that is said to be longer ends where the token does, or at a NUL. */
  readonly readsTokensRoughly: boolean;
  /** A message to a daemon that has ended is refused. */
  readonly refusesWhenEnded: boolean;
}

/** The habits of a daemon that nobody asked to be different. */
export const usualDaemonHabits: DaemonHabits = {
  failureStatus: 255,
  failureBytes: 0,
  byteBehind: false,
  quitsWhenToldTo: false,
  tellsItsExit: true,
  refusesMore: false,
  readsFiveBytes: false,
  refusesLong: true,
  checksContent: false,
  answersUnknownTags: false,
  answersInPart: false,
  passesOverPadding: false,
  refusesTokens: false,
  readsTokensRoughly: false,
  refusesWhenEnded: false,
};
