import { merge } from '../merge.js';
import type { Report } from '../report.js';
import { counted } from '../counted.js';
import { exitStatusOf } from '../report.js';
import { parseReport } from '../report/read.js';
import { readText } from './files.js';
import { deliver, outputsOf } from './reporters.js';

/** `msgctx merge`: joins the shards of a run, or puts several implementations side by side. */

/** The options of `msgctx merge`. */
export interface MergeFlags {
  readonly reporter: readonly string[];
  readonly json: boolean;
}

/** Returns the exit status: the worst of those of the runs. */
export async function mergeCommand(files: readonly string[], flags: MergeFlags): Promise<number> {
  const outputs = outputsOf(flags.reporter, flags.json);
  const reports = merge(
    files.map((file) => ({ file, report: parseReport(readText(file, 'a report'), file) })),
  );
  const written = await deliver(outputs, reports, {
    decided: `from ${counted(files.length, 'report')}`,
    verbose: false,
    times: { startMs: 0, stopMs: 0, caseMs: new Map() },
  });
  const status = worst(reports);
  return written ? status : status || 2;
}

/** A failure outweighs an adapter that broke, and that outweighs a run without a verdict. */
function worst(reports: readonly Report[]): number {
  const statuses = reports.map(exitStatusOf);
  return [1, 3, 4].find((status) => statuses.some((one) => one === status)) ?? 0;
}
