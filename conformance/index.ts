/** The door of the conformance suite: is it true of this implementation? */
export * from '../model/index.js';
export { converse } from './converse.js';
export type { Conversation, Failure, Occasion, TraceStep, Witness } from './converse.js';
export type { Settings } from './ledger.js';
export { parseDaemonCommand, printDaemonCommand } from './daemon/command.js';
export type { DaemonCommand } from './daemon/command.js';
export { Oracle } from './oracle.js';
export type { Judgement, Terms } from './oracle.js';
export { daemonConversations } from './daemon/draws.js';
export { printHtml } from './report/html.js';
export { printJson } from './report/json.js';
export { printJunit } from './report/junit.js';
export { printReport } from './report/terminal.js';
export { exitStatusOf, ruleVerdict, totalsOf, verdictOf } from './report.js';
export type { CaseReport, Report, RuleVerdict, Totals, Verdict } from './report.js';
export { run } from './run.js';
export type { RunOptions } from './run.js';
export { selectCases } from './select.js';
export type { ChosenCase } from './select.js';
export { AdapterBroke, protocolVersion } from './subject.js';
export type {
  Answer,
  Breach,
  Call,
  Claims,
  DaemonAnswer,
  DaemonCall,
  DaemonEvent,
  DaemonPort,
  Subject,
  SubjectEvent,
} from './subject.js';
export { ProcessSubject } from './subjects/process.js';
export type { ProcessOptions } from './subjects/process.js';
export { ReferenceSubject } from './subjects/reference.js';
export { conversations } from './suites/drawing.js';
export type { Drawing, Length } from './suites/drawing.js';
export { suitesOf } from './suites/index.js';
export type { Case, Setup, Suite } from './suites/suite.js';
export { parseTraces, printTraces } from './trace.js';
export type { Recorded } from './trace.js';
export { TraceError, UsageError } from './usage.js';
export { version } from './version.js';
