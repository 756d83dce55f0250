/** One of the page's views. */
export interface View {
  readonly element: HTMLElement;
  /** Shows what the address says. */
  show(query: URLSearchParams): Promise<void>;
}
