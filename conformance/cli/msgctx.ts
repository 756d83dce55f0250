#!/usr/bin/env node
import { main } from './main.js';
import { ClosedPipe, closedPipeStatus, surviveClosedPipes } from './pipes.js';

/** The program behind the name `msgctx`. */

surviveClosedPipes();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ClosedPipe)) throw error;
  process.exitCode = closedPipeStatus;
}
