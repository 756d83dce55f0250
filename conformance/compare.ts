import type { Profile, RequirementId } from '../model/index.js';
import type { Ledger } from './ledger.js';
import type { ExpectedEvent, Hypothesis, Prediction } from './prediction.js';
import type { Answer, Call, SubjectEvent } from './subject.js';
import { isUnseen } from './subject.js';

/**
 * Holds one observation against one prediction: what differs, and which rule it breaks.
 */

/** One difference between what was seen and what a way of the model allows. */
export interface Difference {
  readonly requirement: RequirementId;
  readonly observed: string;
  readonly allowed: string;
}

/** What a comparison needs to know. */
export interface Measure {
  readonly ledger: Ledger;
  readonly profile: Profile;
  readonly strict: boolean;
  readonly capabilities: ReadonlySet<string>;
}

/** Every difference; none means that the prediction explains the observation. */
export function compare(
  prediction: Prediction,
  call: Call,
  answer: Answer,
  measure: Measure,
): Difference[] {
  const answered = answerDifferences(prediction, call, answer, measure);
  const isRaw = call.method === 'raw';
  if (!isRaw && prediction.events.length === 0 && answer.events.length === 0) return answered;
  const left = [...answer.events];
  const events = prediction.events.flatMap((expected) => eventDifferences(expected, left, measure));
  // Who refuses what should succeed owes no event of the success as well, and of what nobody saw
  // nothing is known.
  const owed = !isUnseen(answer) && (answer.error === undefined || answered.length === 0);
  const differences = [
    ...answered,
    ...events.filter(({ observed }) => owed || observed !== nothing),
    // What is left in the list now was expected by nothing.
    ...left.map((event) => unexpected(event, prediction, call, measure)),
  ];
  return isRaw ? withWireRules(differences, prediction, answer) : differences;
}

/** What is observed where an event is missing. */
export const nothing = 'no such event';
const judgedByResults = ['helo', 'quit', 'reply', 'raw'];

/** What goes wrong with raw bytes breaks the rules of the wire that they tried, whatever else it breaks. */
function withWireRules(
  differences: readonly Difference[],
  { refusal, requirements }: Prediction,
  { events }: Answer,
): Difference[] {
  const [first] = differences;
  if (first === undefined) return [];
  const isUntold = refusal !== undefined && events.length === 0 && first.observed === 'ok';
  const tried = requirements.filter((id) => id.startsWith('WIR-') || (isUntold && id === 'REP-15'));
  return [...tried.map((requirement) => ({ ...first, requirement })), ...differences];
}

function answerDifferences(
  { refusal, requirements, before }: Prediction,
  call: Call,
  answer: Answer,
  { ledger, strict, capabilities }: Measure,
): Difference[] {
  // Nobody is told what becomes of a datagram.
  if (call.method === 'raw' && ledger.settings.wire?.framing !== 'device') return [];
  if (judgedByResults.includes(call.method) && !capabilities.has('results')) return [];
  if (isUnseen(answer)) return [];
  if (refusal === undefined && answer.error === undefined) return [];
  const observed = describeAnswer(answer);
  const rule = requirements[0] ?? 'SLP-6';
  if (refusal === undefined) {
    if (answer.error === undefined) return [];
    const isLeak = call.method === 'request' && answer.error.errno === 'ENOMEM';
    const rules = isLeak ? leakRules(before) : [rule];
    return rules.map((requirement) => ({ requirement, observed, allowed: 'ok' }));
  }
  const allowed = `refused (${refusal.why})`;
  if (answer.error === undefined) return [{ requirement: rule, observed, allowed }];
  if (!strict || refusal.errnos.includes(answer.error.errno ?? '')) return [];
  return [
    {
      requirement: 'REP-11',
      observed,
      allowed: `${allowed} with ${refusal.errnos.join(' or ')}`,
    },
  ];
}

/** No context was free where one should have been: the rules that should have freed it. */
function leakRules({ slots }: Hypothesis): RequirementId[] {
  const free = slots.filter(({ request }) => request === undefined);
  const freed = new Set(free.map(({ freedBy }) => freedBy));
  freed.delete('CTX-1');
  return freed.size === 0 ? ['CTX-1'] : [...freed];
}

/** Finds the event in `left`, takes it out, and says what is wrong with it. */
function eventDifferences(
  expected: ExpectedEvent,
  left: SubjectEvent[],
  measure: Measure,
): Difference[] {
  const take = (fits: (event: SubjectEvent) => boolean) => {
    const place = left.findIndex(fits);
    return place === -1 ? undefined : left.splice(place, 1)[0];
  };
  const { ledger } = measure;
  const missing = (requirement: RequirementId): Difference[] => [
    { requirement, observed: nothing, allowed: describeExpected(expected, ledger) },
  ];
  switch (expected.kind) {
    case 'quit': {
      const event = take(
        (one) => one.event === 'message' && one.type === 'quit' && one.to === expected.to,
      );
      return event === undefined && expected.demanded ? missing(expected.rule) : [];
    }
    case 'request': {
      const isRequest = (one: SubjectEvent) => one.event === 'message' && one.type === 'request';
      const event =
        take((one) => isRequest(one) && 'to' in one && one.to === expected.to) ?? take(isRequest);
      if (event === undefined) return missing(ledger.settings.manualRead ? 'QUE-1' : 'REQ-2');
      return messageDifferences(expected, event, measure);
    }
    case 'return':
    case 'timeout':
    case 'interrupted': {
      const event = take((one) => one.event === 'complete' && one.task === expected.request);
      if (event === undefined) return missing(returnRules[expected.kind]);
      return completionDifferences(expected, event, measure);
    }
  }
}

function messageDifferences(
  expected: ExpectedEvent & { kind: 'request' },
  event: SubjectEvent,
  { ledger, capabilities }: Measure,
): Difference[] {
  if (event.event !== 'message' || event.type !== 'request') return [];
  const rules: RequirementId[] = [];
  if (event.to !== expected.to) rules.push('REQ-1');
  if (event.index >= ledger.settings.contexts) rules.push('CTX-8');
  else if (event.index !== expected.index) rules.push('CTX-3');
  if ((expected.sequence ?? event.seq) !== event.seq) rules.push('REQ-4');
  const payload = ledger.request(expected.request)?.payload;
  if (capabilities.has('payload') && event.payload !== payload) {
    // Out of several that wait another one was taken, or it is nobody's.
    rules.push(ledger.settings.manualRead && ledger.isPayload(event.payload) ? 'QUE-1' : 'REQ-3');
  }
  return rules.map((requirement) => ({
    requirement,
    observed: describeEvent(event, ledger),
    allowed: describeExpected(expected, ledger),
  }));
}

function completionDifferences(
  expected: ExpectedEvent & { kind: keyof typeof returnRules },
  event: SubjectEvent,
  { ledger, profile, strict, capabilities }: Measure,
): Difference[] {
  if (event.event !== 'complete') return [];
  const differ = (requirement: RequirementId): Difference[] => [
    {
      requirement,
      observed: describeEvent(event, ledger),
      allowed: describeExpected(expected, ledger),
    },
  ];
  if (expected.kind !== 'return') {
    if (event.errno === undefined) return differ(returnRules[expected.kind]);
    const errnos = expected.kind === 'timeout' ? profile.timeoutErrnos : ['EINTR'];
    return strict && !errnos.includes(event.errno) ? differ('REP-11') : [];
  }
  if (event.errno !== undefined) {
    // Who makes payloads of its own need not take bytes of ours for an answer; it returns all the same.
    return expected.isRaw === true && !capabilities.has('payload') ? [] : differ('SLP-1');
  }
  return capabilities.has('payload') && event.payload !== expected.reply ? differ('SLP-1') : [];
}

/** The rules by which a call returns. */
const returnRules = { return: 'SLP-1', timeout: 'SLP-3', interrupted: 'SLP-8' } as const;

/** An event that no rule asks for. */
function unexpected(
  event: SubjectEvent,
  { refusal, requirements, events, steps }: Prediction,
  call: Call,
  { ledger, profile }: Measure,
): Difference {
  const observed = describeEvent(event, ledger);
  const differ = (requirement: RequirementId, allowed: string) => ({
    requirement,
    observed,
    allowed,
  });
  if (event.event === 'message') {
    if (event.type === 'quit') return differ('REG-3', 'no QUIT to this process');
    if (call.method === 'read') return differ('QUE-1', 'no such message');
    if (refusal?.why === 'request/send-failed') return differ('REQ-8', 'no such message');
    return differ(refusal === undefined ? 'REQ-2' : 'CTX-9', 'no such message');
  }
  const isSecond = events.some((one) => 'reply' in one && one.request === event.task);
  if (isSecond) return differ('SLP-2', 'one completion');
  if (call.method === 'advance' || call.method === 'settle') {
    return differ('SLP-4', 'no completion before its time');
  }
  if (call.method === 'wake') return differ('SLP-7', 'no completion');
  if (call.method === 'interrupt') {
    return differ(profile.signal === 'is ignored' ? 'SLP-9' : 'SLP-8', 'no such completion');
  }
  const isAccepted = steps.some(({ step }) => step.vector.name === 'reply/accepted');
  const isRefused = refusal !== undefined || (call.method === 'raw' && !isAccepted);
  const rule = isRefused ? requirements[0] : undefined;
  return differ(rule ?? 'SLP-2', 'no completion of this request now');
}

/** What an answer says, in words. */
export function describeAnswer({ error }: Answer): string {
  if (error === undefined) return 'ok';
  return error.code === 'ERRNO' ? `refused with ${error.errno ?? 'no errno'}` : error.code;
}

/** An event in the words of the conversation. */
export function describeEvent(event: SubjectEvent, ledger: Ledger): string {
  if (event.event === 'complete') {
    const how =
      event.errno ?? (event.payload === undefined ? 'success' : `payload ${event.payload}`);
    return `r${event.task} returns ${how}`;
  }
  const to = ledger.processName(event.to);
  if (event.type === 'quit') return `message to ${to}: quit`;
  return `message to ${to}: request, index ${event.index}, seq ${event.seq}, payload ${event.payload}`;
}

function describeExpected(expected: ExpectedEvent, ledger: Ledger): string {
  switch (expected.kind) {
    case 'request': {
      const payload = ledger.request(expected.request)?.payload ?? '';
      const to = ledger.processName(expected.to);
      return `message to ${to}: request r${expected.request}, any free index, a fresh seq, payload ${payload}`;
    }
    case 'quit': {
      const may = expected.demanded ? '' : ' (may come)';
      return `message to ${ledger.processName(expected.to)}: quit${may}`;
    }
    case 'return':
      return `r${expected.request} returns payload ${expected.reply}`;
    case 'timeout':
      return `r${expected.request} returns an error`;
    case 'interrupted':
      return `r${expected.request} returns an error because of the signal`;
  }
}

/** A way that is open, in words. */
export function describe(prediction: Prediction, ledger: Ledger): string {
  const { refusal, events } = prediction;
  const answer = refusal === undefined ? 'ok' : `refused (${refusal.why})`;
  return [answer, ...events.map((event) => describeExpected(event, ledger))].join('; ');
}
