import { describe, expect, it } from 'vitest';
import type { CaseReport, Report } from '../../conformance/index.js';
import {
  exitStatusOf,
  printJson,
  printJunit,
  printReport,
  ruleVerdict,
  totalsOf,
  verdictOf,
} from '../../conformance/index.js';

const nothing = {
  requirements: [],
  kept: [],
  why: '',
  trace: [],
  allowed: [],
  replay: [],
} as const;
const cases: readonly CaseReport[] = [
  {
    ...nothing,
    id: 'paths/a',
    suite: 'paths',
    verdict: 'pass',
    requirements: ['CTX-2'],
    kept: ['CTX-2'],
  },
  {
    ...nothing,
    id: 'paths/b',
    suite: 'paths',
    verdict: 'fail',
    requirements: ['REP-7'],
    kept: ['REG-1'],
    why: 'at "reply u1.d1 r1": got ok; expected \u0007<refused> & "more"',
    trace: [
      { command: 'helo u1.d1', observed: ['ok'] },
      { command: 'inspect', observed: ['ok'], probe: true },
    ],
    allowed: ['refused (reply/wrong-sequence)'],
    replay: ['--filter', 'paths/b'],
  },
  {
    ...nothing,
    id: 'adversary/c',
    suite: 'adversary',
    verdict: 'unsupported',
    requirements: ['SLP-5'],
    why: 'the adapter lacks manualWake',
  },
];

function reportOf(some: readonly CaseReport[]): Report {
  const totals = totalsOf(some);
  return {
    implementation: {
      name: 'mine', version: '1', role: 'kernel', profile: 'seed', capabilities: [],
      contextsMin: 1, contextsMax: 2, payloadMax: 4, timeoutMinMs: 1, timeoutStepMs: 1,
    }, // prettier-ignore
    profile: 'seed',
    seed: 1,
    strict: false,
    covered: { states: '', transitions: '', refusals: [], requirements: [] },
    listed: [],
    verdict: verdictOf(some),
    totals,
    notJudged: [],
    coverage: { states: [1, 2], transitions: [1, 2], refusals: [0, 1], requirements: [2, 3] },
    cases: some,
  };
}

describe('the verdict of a run', () => {
  const [pass, fail, unsupported] = cases.map((one) => [one]);
  const broke = (fail ?? []).map((one) => ({ ...one, breach: 'death' as const }));

  it.each([
    ['a pass', pass, 'pass', 0],
    ['a pass and something unsupported', [...(pass ?? []), ...(unsupported ?? [])], 'pass', 0],
    ['a failure', cases, 'fail', 1],
    ['nothing but unsupported', unsupported, 'inconclusive', 4],
    ['a break in every case', [...broke, ...(unsupported ?? [])], 'fail', 3],
    ['a break in one case', [...broke, ...(pass ?? [])], 'fail', 1],
    [
      'a pass and a claim taken back',
      [...(pass ?? []), ...(unsupported ?? []).map((one) => ({ ...one, denied: true as const }))],
      'inconclusive',
      4,
    ],
    [
      'a pass and something inconclusive',
      [...(pass ?? []), { ...nothing, id: 'd', suite: 'paths', verdict: 'inconclusive' as const }],
      'inconclusive',
      4,
    ],
  ])('with %s', (_, some, verdict, status) => {
    const report = reportOf(some ?? []);
    expect([report.verdict, exitStatusOf(report)]).toEqual([verdict, status]);
  });

  it('is given for each rule: broken anywhere, kept in a pass, unclear, unsupported or never tried', () => {
    const verdicts = (['REP-7', 'CTX-2', 'REG-1', 'SLP-5', 'SLP-1'] as const).map((id) =>
      ruleVerdict(id, cases),
    );
    expect(verdicts).toEqual(['fail', 'pass', 'unclear', 'unsupported', 'not exercised']);
  });
});

describe('a report', () => {
  const report = reportOf(cases);

  it('on a terminal names failure, conversation, rule and what was not held', () => {
    const text = printReport(report, { color: false, decided: 'decided', subject: ' -- ./mine' });
    expect(text.slice(text.indexOf('FAIL'))).toMatchInlineSnapshot(`
      "FAIL paths/b
        at "reply u1.d1 r1": got ok; expected \\x07<refused> & "more"
          helo u1.d1  -> ok
          -- closing probe --
          inspect     -> ok
        allowed:     refused (reply/wrong-sequence)
        requirement: REP-7 (MUST) A reply whose sequence number is not the pending request's is refused.
                     from mail 2006 "validates a sequence number between the received packet and the msg
                     ctx"
        again:       msgctx run --filter paths/b -- ./mine

      1 case unsupported: the adapter lacks manualWake

      requirements: 57 not exercised, 1 pass, 1 unclear, 1 fail, 1 unsupported (--verbose lists them all)
        fail          REP-7   MUST    A reply whose sequence number is not the pending request's is
                                      refused.
        unclear       REG-1   MUST    HELO registers the sending process as its user's daemon.
        unsupported   SLP-5
        not exercised CTX-1, CTX-3, CTX-4, CTX-5, CTX-6, CTX-7, CTX-8, CTX-9, REQ-1, REQ-2, REQ-3, REQ-4,
                      REQ-5, REQ-6, REQ-7, REQ-8, REQ-9, REG-2, REG-3, REG-4, REG-5, REG-6, REG-7, REG-8,
                      REG-9, REG-10, REG-11, REG-12, REP-1, REP-2, REP-3, REP-4, REP-5, REP-6, REP-8,
                      REP-9, REP-10, REP-11, REP-15, SLP-1, SLP-2, SLP-3, SLP-4, SLP-6, SLP-7, SLP-8,
                      QUE-1, QUE-2, QUE-3, WIR-1, WIR-2, WIR-3, WIR-4, WIR-5, WIR-6, INS-1, SYS-1

      cases:    1 pass, 1 fail, 1 unsupported
      coverage: states 1/2, transitions 1/2, refusals 0/1, requirements 2/3
      verdict:  does not conform to profile seed: 1 case failed for 1 cause
      next:     fix REP-7, until its "again" line passes; or accept it: --known FILE --update-known
      "
    `);
    expect(text).not.toContain('\u001b[');
  });

  it('shows the beginning and the end of a conversation that is too long to read', () => {
    const trace = Array.from({ length: 150_000 }, (_, nth) => ({
      command: `request r${nth + 1} u1`,
      observed: ['ok'],
    }));
    const long = reportOf(cases.map((one) => (one.verdict === 'fail' ? { ...one, trace } : one)));
    const text = printReport(long, { color: false, decided: '', subject: '' });
    expect(text).toContain('    ... 149920 steps left out; --record keeps them ...\n');
    expect(text.match(/^ {4}request r/gm)?.length).toBe(80);
    expect(text).toContain('    request r150000 u1  -> ok\n');
  });

  it('on a terminal has colours only when asked', () => {
    const text = printReport(report, { color: true, decided: '', subject: '' });
    expect(text).toContain('\u001b[31mFAIL paths/b\u001b[39m');
  });

  it('in JUnit is well-formed, whatever an adapter said', () => {
    expect(printJunit(report, { caseMs: new Map([['paths/b', 12.4]]) })).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites tests="3" failures="1" errors="0" skipped="1">
        <testsuite name="mine 1: paths" tests="2" failures="1" errors="0" skipped="0">
          <testcase classname="paths" name="paths/a" time="0"/>
          <testcase classname="paths" name="paths/b" time="0.012">
            <failure message="at &quot;reply u1.d1 r1&quot;: got ok; expected \\x07&lt;refused> &amp; &quot;more&quot;" type="REP-7"><![CDATA[helo u1.d1 -> ok
      probe: inspect -> ok
      allowed: refused (reply/wrong-sequence)]]></failure>
          </testcase>
        </testsuite>
        <testsuite name="mine 1: adversary" tests="1" failures="0" errors="0" skipped="1">
          <testcase classname="adversary" name="adversary/c" time="0">
            <skipped/>
            <system-out><![CDATA[unsupported: the adapter lacks manualWake]]></system-out>
          </testcase>
        </testsuite>
      </testsuites>"
    `);
  });

  it('in JSON has the members of the contract and no other', () => {
    expect(printJson(report)).toMatchInlineSnapshot(`
      "{
        "schema": "msgctx-report/1",
        "implementation": {
          "name": "mine",
          "version": "1",
          "role": "kernel",
          "profile": "seed",
          "capabilities": [],
          "contextsMin": 1,
          "contextsMax": 2,
          "payloadMax": 4,
          "timeoutMinMs": 1,
          "timeoutStepMs": 1
        },
        "profile": "seed",
        "seed": 1,
        "strict": false,
        "verdict": "fail",
        "totals": {
          "pass": 1,
          "fail": 1,
          "unsupported": 1,
          "inconclusive": 0,
          "known": 0,
          "flaky": 0,
          "unexpectedPass": 0
        },
        "coverage": {
          "states": [
            1,
            2
          ],
          "transitions": [
            1,
            2
          ],
          "refusals": [
            0,
            1
          ],
          "requirements": [
            2,
            3
          ]
        },
        "notJudged": [],
        "covered": {
          "states": "",
          "transitions": "",
          "refusals": [],
          "requirements": []
        },
        "cases": [
          {
            "id": "paths/a",
            "suite": "paths",
            "requirements": [
              "CTX-2"
            ],
            "verdict": "pass",
            "why": "",
            "trace": []
          },
          {
            "id": "paths/b",
            "suite": "paths",
            "requirements": [
              "REP-7"
            ],
            "verdict": "fail",
            "why": "at \\"reply u1.d1 r1\\": got ok; expected \\u0007<refused> & \\"more\\"",
            "trace": [
              {
                "command": "helo u1.d1",
                "observed": [
                  "ok"
                ]
              },
              {
                "command": "inspect",
                "observed": [
                  "ok"
                ],
                "probe": true
              }
            ],
            "kept": [
              "REG-1"
            ],
            "allowed": [
              "refused (reply/wrong-sequence)"
            ],
            "replay": [
              "--filter",
              "paths/b"
            ]
          },
          {
            "id": "adversary/c",
            "suite": "adversary",
            "requirements": [
              "SLP-5"
            ],
            "verdict": "unsupported",
            "why": "the adapter lacks manualWake",
            "trace": []
          }
        ]
      }
      "
    `);
  });
});
