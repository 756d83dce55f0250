#!/usr/bin/env node
import { main } from './main.js';

/** The program behind the name `msgctx`. */

// Leaving in an orderly way ends the adapters too.
process.on('SIGTERM', () => process.exit(143));
process.on('SIGHUP', () => process.exit(129));
// A reader that has seen enough closes the pipe; the exit status is still the verdict.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await main(process.argv.slice(2));
