// Lets the JavaScript example be reached over a socket: each connection gets a kernel of its own.
// Arguments: where to listen (a path or a port of 127.0.0.1), then those of the example.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const [where, ...args] = process.argv.slice(2);
const example = fileURLToPath(new URL('../../examples/javascript/kernel.mjs', import.meta.url));
const server = createServer((socket) => {
  const kernel = spawn(process.execPath, [example, ...args]);
  socket.pipe(kernel.stdin);
  kernel.stdout.pipe(socket);
  for (const pipe of [socket, kernel.stdin]) pipe.on('error', () => kernel.kill());
  socket.on('close', () => kernel.kill());
});
server.listen(/^\d+$/.test(where) ? { port: Number(where), host: '127.0.0.1' } : where, () => {
  const address = server.address();
  console.log(typeof address === 'string' ? `unix:${address}` : `tcp:127.0.0.1:${address.port}`);
});
