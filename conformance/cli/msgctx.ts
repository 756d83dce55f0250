#!/usr/bin/env node
import { main } from './main.js';

/** The program behind the name `msgctx`. */

// A reader that has seen enough closes the pipe; the exit status is still the verdict.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`msgctx: stdout could not be written (${error.message})\n`);
  process.exit(2);
});
process.exitCode = await main(process.argv.slice(2));
