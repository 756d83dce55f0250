/** The part of the address after `#`: a view and what it shows, so that a link leads back to it. */
export interface Route {
  readonly view: string;
  readonly query: URLSearchParams;
}

/** The view and the query in the current address. */
export function routeNow(): Route {
  const [view = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { view: view === '' ? 'machines' : view, query: new URLSearchParams(query) };
}

/** The address of a view. */
export function hashOf(view: string, query: URLSearchParams): string {
  const words = query.toString();
  return `#/${view}${words === '' ? '' : `?${words}`}`;
}

/** Goes to a view; the browser's Back button leads back. */
export function goTo(view: string, query: URLSearchParams): void {
  location.hash = hashOf(view, query);
}
