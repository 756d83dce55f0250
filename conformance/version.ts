/** The version of this package; a test holds it against package.json. */
export const version = '0.1.0';

/** What `initialize` says is asking. */
export const suiteName = `msgctx ${version}`;
