import { hostInUrl } from './bind.js';

/**
 * Who may talk to the inspector's server, and which headers its answers carry.
 *
 * Theory of operation. The server usually listens on this machine only, but a browser on this machine also opens
 * pages of strangers. Three headers give such a page away, and no script can change any of them:
 * - Host: a stranger's name that was made to point at 127.0.0.1 (DNS rebinding) is not one of the server's names.
 * - Origin: a browser sends it with every WebSocket and with every request that is not a plain GET.
 * - Sec-Fetch-Site: a browser sends it with every request, also with images, scripts and forms, which have no Origin.
 * Programs that are no browsers send neither Origin nor Sec-Fetch-Site, and are let in.
 *
 * Source: RFC 6455 section 10.2; W3C Fetch Metadata Request Headers; Content Security Policy Level 3.
 */

/** The headers of a request that decide. */
export interface Asking {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site: how the page that asks is related to this server. */
  readonly site?: string | undefined;
}

/** Where the server listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** The address that the system bound for `host`. */
  readonly address?: string;
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];
const portOfHttp = 80;

/** Whether a request names this server, and comes from its own page or from no page. */
export function isOwn({ host, origin, site }: Asking, listening: Listening): boolean {
  const names = namesOf(listening);
  if (host === undefined || !names.includes(host.toLowerCase())) return false;
  if (!isSameSite(site)) return false;
  return origin === undefined || names.some((name) => origin.toLowerCase() === `http://${name}`);
}

/**
 * Whether a request may bring events of a program: from no page, or from a page that is served on this machine,
 * where it is being developed. For a browser `localhost` and `127.0.0.1` are different sites, so for such a page
 * Origin decides, and Sec-Fetch-Site does not.
 */
export function mayTell({ host, origin, site }: Asking, listening: Listening): boolean {
  if (origin === undefined) return isOwn({ host, origin, site }, listening);
  if (!isOwn({ host, origin: undefined }, listening)) return false;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && loopback.includes(url.hostname);
}

/** What a browser says about a request besides its site. */
export interface Navigation {
  readonly mode: string | undefined;
  readonly dest: string | undefined;
  /** `?1` if a person's click caused it. */
  readonly user: string | undefined;
}

/** Whether somebody clicked a link to this server. The page that has the link cannot read what is answered. */
export function isClick({ mode, dest, user }: Navigation): boolean {
  return mode === 'navigate' && dest === 'document' && user === '?1';
}

/** `none` is an address that a person typed or a bookmark. */
function isSameSite(site: string | undefined): boolean {
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** The names by which a browser may call the server, as it writes them in the Host header. */
function namesOf({ host, port, address }: Listening): readonly string[] {
  const own = [host, address ?? host].flatMap((one) => hostInUrl(one) ?? []);
  // Browsers leave the usual port out.
  const ports = port === portOfHttp ? [`:${port}`, ''] : [`:${port}`];
  return [...new Set([...loopback, ...own])].flatMap((name) => ports.map((end) => name + end));
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

/** The Content-Security-Policy: a page may load what this server serves, and nothing inline. */
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
