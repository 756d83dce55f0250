import type { Builder } from 'junit-report-builder';
import module from 'junit-report-builder';
import type { Report } from '../report.js';
import { isBad } from '../report.js';
import { conversationLines, printable } from './conversation.js';

/** The package is CommonJS: what its types call the default export is the module itself. */
const junit = module as unknown as Builder;

/**
 * The report as JUnit XML: a test suite for each suite, a test case for each case. What was not held
 * is a skipped test with its reason, and so is a known deviation; a failure carries the conversation.
 */
export function printJunit(report: Report): string {
  const builder = junit.newBuilder();
  const { name, version } = report.implementation;
  for (const suite of new Set(report.cases.map((one) => one.suite))) {
    const node = builder.testSuite().name(`${name} ${version}: ${suite}`);
    for (const one of report.cases.filter((each) => each.suite === suite)) {
      const test = node.testCase().className(suite).name(one.id);
      if (isBad(one)) {
        test
          .failure(printable(one.why), one.requirements.join(' '))
          .stacktrace(printable(conversationLines(one).join('\n')));
      } else if (one.verdict !== 'pass') {
        test.skipped().standardOutput(printable(`${one.verdict}: ${one.why}`));
      }
    }
  }
  return builder.build();
}
