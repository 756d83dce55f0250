import type { Builder } from 'junit-report-builder';
import module from 'junit-report-builder';
import type { Report } from '../report.js';
import { isBad } from '../report.js';
import { conversationLines, visibleLines } from './conversation.js';
import type { Times } from './ctrf.js';

/** The package is CommonJS: what its types call the default export is the module itself. */
const junit = module as unknown as Builder;

/**
 * The report as JUnit XML: one test suite per suite, one test case per case, with its seconds. What was
 * not run is a skipped test with its reason, and so is a known deviation; a failure carries the conversation.
 */
export function printJunit(report: Report, { caseMs }: Pick<Times, 'caseMs'>): string {
  const builder = junit.newBuilder();
  const { name, version } = report.implementation;
  for (const suite of new Set(report.cases.map((one) => one.suite))) {
    const node = builder.testSuite().name(`${name} ${version}: ${suite}`);
    for (const one of report.cases.filter((each) => each.suite === suite)) {
      const seconds = (caseMs.get(one.id) ?? 0) / 1000;
      const test = node
        .testCase()
        .className(suite)
        .name(one.id)
        .time(Number(seconds.toFixed(3)));
      if (isBad(one)) {
        test
          .failure(visibleLines(one.why), one.requirements.join(' '))
          .stacktrace(conversationLines(one).join('\n'));
      } else if (one.verdict !== 'pass') {
        test.skipped().standardOutput(visibleLines(`${one.verdict}: ${one.why}`));
      }
    }
  }
  return builder.build();
}
