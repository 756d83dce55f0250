/** One of the page's views. */
export interface View {
  readonly element: HTMLElement;
  /** Shows the state that the address names. */
  show(query: URLSearchParams): Promise<void>;
}
