/** The target of a request: what stands between its method and its version, and may be any text. */

/** A target that could be read. */
export interface Target {
  readonly url: URL;
  /** The host that the target itself names, if it is a whole URL, as clients send it to a proxy. */
  readonly host: string | undefined;
}

/**
 * Reads a target. Returns undefined if it is neither a path nor an http URL, or if one of its `%` escapes stands for
 * no text.
 *
 * Source: RFC 9112 section 3.2.
 */
export function targetIn(text: string): Target | undefined {
  const isPath = /^\/(?![/\\])/.test(text);
  const isUrl = /^http:\/\/[^/\\?#@]+(?:[/?#]|$)/i.test(text);
  if (!(isPath || isUrl) || !isDecodable(text)) return undefined;
  const whole = isPath ? `http://localhost${text}` : text;
  if (!URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  return { url, host: isPath ? undefined : url.host };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
