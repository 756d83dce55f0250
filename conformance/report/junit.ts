import type { Builder } from 'junit-report-builder';
import module from 'junit-report-builder';
import type { CaseReport, Report } from '../report.js';

/** The package is CommonJS: what its types call the default export is the module itself. */
const junit = module as unknown as Builder;

/**
 * The report as JUnit XML: a test suite for each suite, a test case for each case. What was not held
 * is a skipped test with its reason; a failure carries the conversation.
 */
export function printJunit(report: Report): string {
  const builder = junit.newBuilder();
  const { name, version } = report.implementation;
  for (const suite of new Set(report.cases.map((one) => one.suite))) {
    const node = builder.testSuite().name(`${name} ${version}: ${suite}`);
    for (const one of report.cases.filter((each) => each.suite === suite)) {
      const test = node.testCase().className(suite).name(one.id);
      if (one.verdict === 'fail' || one.verdict === 'unexpected-pass') {
        test.failure(printable(one.why), one.requirements.join(' ')).stacktrace(conversation(one));
      } else if (one.verdict !== 'pass') {
        test.skipped().standardOutput(printable(`${one.verdict}: ${one.why}`));
      }
    }
  }
  return builder.build();
}

function conversation({ trace, allowed }: CaseReport): string {
  const lines = trace.map(({ command, observed, probe }) => {
    const place = probe === true ? 'probe: ' : '';
    return `${place}${command} -> ${observed.join('; ')}`;
  });
  return printable([...lines, ...allowed.map((one) => `allowed: ${one}`)].join('\n'));
}

/** XML 1.0 has no way to write most control characters; an adapter's stderr may hold any. */
function printable(text: string): string {
  return Array.from(text)
    .map((char) => {
      const code = char.codePointAt(0) ?? 0;
      const allowed =
        code === 9 || code === 10 || (code >= 32 && code !== 0xfffe && code !== 0xffff);
      return allowed && !(code >= 0xd800 && code <= 0xdfff)
        ? char
        : `\\u${code.toString(16).padStart(4, '0')}`;
    })
    .join('');
}
