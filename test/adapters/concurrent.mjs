/** An adapter with `concurrent` that answers what it reads at once from the last call to the first. */
const claims = {
  protocol: 1,
  name: 'turned',
  version: '1',
  role: 'kernel',
  profile: 'seed',
  capabilities: ['virtualTime', 'concurrent'],
  contextsMin: 1,
  contextsMax: 1,
  payloadMax: 4,
  timeoutMinMs: 1,
  timeoutStepMs: 1,
};
process.stdin.on('data', (chunk) => {
  for (const line of String(chunk).trim().split('\n').reverse()) {
    const { id, method, params } = JSON.parse(line);
    const { pid: to } = params;
    const event = { event: 'message', params: { to, type: 'quit' } };
    if (method === 'helo') process.stdout.write(`${JSON.stringify(event)}\n`);
    const result = method === 'initialize' ? claims : {};
    process.stdout.write(`${JSON.stringify({ id, result })}\n`);
    if (method === 'shutdown') process.exit(0);
  }
});
