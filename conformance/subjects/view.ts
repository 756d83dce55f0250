/** What a kernel side of the reference implementation shows of its inside. */
export interface Inside {
  view(): {
    readonly contexts: readonly {
      readonly index: number;
      readonly sequence: number;
      readonly state: 'free' | 'pending' | 'done';
    }[];
    readonly daemons: readonly { readonly uid: number; readonly pid: number }[];
  };
}

/** The same in the words of `inspect`. */
export interface View {
  readonly free: readonly number[];
  readonly allocated: readonly number[];
  readonly contexts: readonly {
    readonly index: number;
    readonly state: string;
    readonly seq: number;
  }[];
  readonly daemons: readonly { readonly uid: number; readonly pid: number }[];
}

/** Turns the one into the other. */
export function viewOf(side: Inside): View {
  const { contexts, daemons } = side.view();
  const indices = (free: boolean) =>
    contexts.filter(({ state }) => (state === 'free') === free).map(({ index }) => index);
  return {
    free: indices(true),
    allocated: indices(false),
    contexts: contexts.map(({ index, state, sequence }) => ({ index, state, seq: sequence })),
    daemons,
  };
}
