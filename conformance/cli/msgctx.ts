#!/usr/bin/env node
import { main } from './main.js';

/** The program behind the name `msgctx`. */
process.exitCode = await main(process.argv.slice(2));
