import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * Which addresses the inspector may listen on.
 *
 * An address has many spellings: `0`, `0x0` and `::ffff:0.0.0.0` are all `0.0.0.0`, and a name is whatever the
 * machine's tables say. So the decision is made about the address that the system bound, never about the text
 * that the user typed.
 */

const everyAddress = new BlockList();
everyAddress.addAddress('0.0.0.0');
everyAddress.addAddress('::', 'ipv6');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** An address on which the inspector refuses to listen. The message is one sentence for the terminal. */
export class HostError extends Error {
  override readonly name = 'HostError';
}

/** Whether only this machine can reach a bound address. An IPv4 address inside an IPv6 one counts as itself. */
export function isLoopback(address: string): boolean {
  return isIn(loopback, address);
}

/**
 * Checks a bound address.
 *
 * @param host what the user asked for
 * @param address what the system bound for it
 * @throws HostError for "every address", and for a `localhost` that leaves this machine
 */
export function checkBound(host: string, address: string): void {
  if (isIn(everyAddress, address)) {
    throw new HostError(
      `--host ${host} means every address (${address}); give the one address that other machines use`,
    );
  }
  if (/^(?:.*\.)?localhost\.?$/i.test(host) && !isLoopback(address)) {
    throw new HostError(
      `--host ${host} is ${address} on this machine, and other machines can reach that; use --host 127.0.0.1`,
    );
  }
}

/**
 * A host as a browser spells it in a URL and in its Host header: `0x7f.1` is `127.0.0.1`, `::1` is `[::1]`.
 * Returns undefined for text that no URL can have as a host.
 */
export function hostInUrl(host: string): string | undefined {
  const bracketed = isIPv6(host) ? `[${host}]` : host;
  const url = URL.canParse(`http://${bracketed}/`) ? new URL(`http://${bracketed}/`) : undefined;
  const isHostOnly = url !== undefined && url.pathname === '/' && url.username === '';
  return isHostOnly && url.port === '' && url.search + url.hash === '' ? url.hostname : undefined;
}

function isIn(list: BlockList, address: string): boolean {
  // A zone (`fe80::1%eth0`) names an interface and is no part of the address.
  const [plain = ''] = address.split('%');
  return isIP(plain) !== 0 && list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}
