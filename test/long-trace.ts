/** A trace file of one conversation of so many steps, for what has to stay quick with it. */
export function longTrace(count: number): string {
  const settings = {
    ...{ contexts: 1, users: 1, processes: 1, timeoutMs: 3000, payloadMax: 64 },
    ...{ manualWake: false, manualRead: false, wideLabels: false, time: 'virtual' },
  };
  const head = { schema: 'msgctx-trace/1', case: 'long', profile: 'seed', settings };
  const steps = Array.from({ length: count }, (_, nth) => ({
    command: nth % 2 === 0 ? 'helo u1.d1' : 'quit u1.d1',
  }));
  return [head, ...steps].map((line) => JSON.stringify(line)).join('\n');
}
