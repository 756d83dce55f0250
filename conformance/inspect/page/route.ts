/** The address of a view: its name and what it shows, behind the `#`, so that a link brings it back. */
export interface Route {
  readonly view: string;
  readonly query: URLSearchParams;
}

/** What the address says now. */
export function routeNow(): Route {
  const [view = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { view: view === '' ? 'machines' : view, query: new URLSearchParams(query) };
}

/** The address of a view. */
export function hashOf(view: string, query: URLSearchParams): string {
  const words = query.toString();
  return `#/${view}${words === '' ? '' : `?${words}`}`;
}

/** Goes there; the browser's own way back leads back. */
export function goTo(view: string, query: URLSearchParams): void {
  location.hash = hashOf(view, query);
}
