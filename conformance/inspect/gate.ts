/**
 * Who may talk to the inspector's server, and what browsers are told about its pages.
 *
 * Theory of operation. The server listens on this machine alone, but a browser on it opens pages of
 * strangers too. A page of a stranger that resolves its own name to 127.0.0.1 is found out by the Host
 * header, and one that calls this server directly by the Origin header, which a browser always sends
 * along with a WebSocket and which no script can change. Programs that are no browsers send no Origin.
 *
 * Source: RFC 6455 section 10.2; Content Security Policy Level 3.
 */

/** What of a request is looked at. */
export interface Asking {
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** Where the server listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether a request names this server, and comes from its own page or from no page. */
export function isOwn({ host, origin }: Asking, listening: Listening): boolean {
  const names = namesOf(listening);
  if (host === undefined || !names.includes(host.toLowerCase())) return false;
  return origin === undefined || names.some((name) => origin.toLowerCase() === `http://${name}`);
}

/**
 * Whether a request may bring events of a program: from no page, or from a page that is served on this
 * machine, where it is developed.
 */
export function mayTell({ host, origin }: Asking, listening: Listening): boolean {
  if (!isOwn({ host, origin: undefined }, listening)) return false;
  if (origin === undefined) return true;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  return url !== undefined && loopback.includes(url.hostname);
}

/** The names under which a browser may know the server. */
function namesOf({ host, port }: Listening): readonly string[] {
  const own = host.includes(':') ? `[${host}]` : host;
  return [...new Set([...loopback, own.toLowerCase()])].map((name) => `${name}:${port}`);
}

/** Whether nobody but this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** The headers of every answer. */
export const headers: Readonly<Record<string, string>> = {
  'Content-Security-Policy': policy({}),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
};

/** A page may load what this server serves, and nothing inline. */
export function policy({ frame }: { readonly frame?: string }): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    ...(frame === undefined ? [] : [`frame-src ${frame}`]),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
