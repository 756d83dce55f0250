/** What the console of a kernel says when it dies. */

/** Where trouble begins. */
const trouble =
  /kernel BUG at|BUG: |Oops|general protection fault|WARNING: CPU|list_(?:add|del) corruption|sysrq: Show Blocked|INFO: task|rcu: INFO|Kernel panic/;
/** Registers, code bytes and guesses of the unwinder say nothing to who reads a report. */
const noise =
  /^-+\[ (?:cut here|end trace)|^(?:RSP|R[A-D]X|R[0-9]+|RBP|FS|CS|CR2|DR[0-9]|Code|Hardware name|Modules linked in|PKRU): |^ \? |^Workqueue: /;
const linesMax = 40;

/** From the first sign of trouble on, without the times and what only a debugger reads; all, where there is none. */
export function lastWords(text: string): string {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.replace(/^\[ *\d+\.\d+\] ?/, '').trimEnd())
    .filter((line) => line !== '' && !noise.test(line));
  const first = lines.findIndex((line) => trouble.test(line));
  return lines.slice(Math.max(first, 0)).slice(0, linesMax).join('\n');
}

/** Tells one death from another: what the kernel found, and the function of eCryptfs in which it did. */
export function nameOfDeath(words: string): string {
  const [first = ''] = words.split('\n');
  const place = /^ (\w+)\+\S+ \[ecryptfs\]/m.exec(words)?.[1];
  const found = first.replace(/0x[0-9a-f]+|[0-9a-f]{16}|\d+ seconds/g, '…');
  return place === undefined ? found : `${found} in ${place}`;
}
