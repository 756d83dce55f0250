import { boundsMax } from '../model/index.js';
import { daemonUnsupported } from './daemon/hold.js';
import type { Settings } from './ledger.js';
import type { Claims, Subject } from './subject.js';
import type { Case, Setup } from './suites/suite.js';

/** How a case sets up a subject, and whether it can. */

/** The time-out that cases use where the adapter allows it: that of the Linux module. */
const timeoutUsualMs = 3000;
/** Where time-outs are waited for in real time, each is as short as this if the adapter allows it. */
const timeoutWaitedMs = 250;
/** The least slack of real time. */
const slackMinMs = 250;
/** The longest payload that is sent, in bytes; in hex it fits into one line. */
const payloadUsedMax = 2 ** 18;
/** With more contexts than this there is too much that a message may be which nobody has read. */
const waitingContextsMax = 4;
/** How many requests may overlap where the implementation makes its own payloads. */
const opaqueMax = 4;

/** Why a case cannot be run with this subject. */
export function unsupportedReason(
  { kind, needs, setup }: Pick<Case, 'kind' | 'needs'> & { readonly setup?: Setup },
  subject: Subject,
): string | undefined {
  const { claims } = subject;
  const role = kind === 'daemon' ? 'daemon' : 'kernel';
  if (claims.role !== role) return `the adapter plays the ${claims.role}, the case the ${role}`;
  const missing = needs.filter((word) => !claims.capabilities.has(word));
  if (missing.length > 0) return `the adapter lacks ${missing.join(', ')}`;
  if (role === 'daemon') return daemonUnsupported(subject);
  if (needs.includes('raw') && wireOf(claims).wire === undefined) {
    return 'the adapter claims raw, but neither framing nor endian';
  }
  if (setup?.framing !== undefined && setup.framing !== claims.framing) {
    return `the case is framed for ${setup.framing}, the adapter takes ${claims.framing ?? 'no bytes'}`;
  }
  if (setup?.manualRead === true && claims.contextsMin > waitingContextsMax) {
    return `messages can wait with at most ${waitingContextsMax} contexts, the adapter takes ${claims.contextsMin} or more`;
  }
  if (claims.contextsMin > boundsMax.contexts) {
    return `the adapter takes at least ${claims.contextsMin} contexts, the model at most ${boundsMax.contexts}`;
  }
  if (!claims.capabilities.has('payload') && claims.contextsMin > opaqueMax) {
    return `without payload at most ${opaqueMax} requests can overlap, the adapter takes ${claims.contextsMin} contexts or more`;
  }
  return undefined;
}

/** The settings of a case with a subject. */
export function settingsOf({ setup }: Case, { claims }: Subject): Settings {
  const { contextsMin, contextsMax, timeoutMinMs, timeoutStepMs, payloadMax } = claims;
  const { users, processes, manualWake, manualRead = false, timeoutMs = timeoutUsualMs } = setup;
  // Without payloads of ours only few requests can be told apart.
  const most = claims.capabilities.has('payload') ? contextsMax : Math.min(contextsMax, opaqueMax);
  const near = Math.max(Math.min(setup.contexts, most), contextsMin);
  const isVirtual = claims.capabilities.has('virtualTime');
  const waits = !isVirtual && setup.waits === true;
  const wantedMs = waits ? timeoutWaitedMs : timeoutMs;
  const steps = Math.ceil(Math.max(wantedMs, timeoutMinMs) / timeoutStepMs);
  return {
    contexts: near,
    users,
    processes,
    manualWake,
    manualRead,
    time: isVirtual ? 'virtual' : waits ? 'real' : 'real, without waiting',
    timeoutMs: steps * timeoutStepMs,
    payloadMax: Math.min(payloadMax, payloadUsedMax),
    wideLabels: claims.capabilities.has('wideLabels'),
    ...wireOf(claims),
  };
}

/** How the bytes of an adapter are framed, if it takes any. */
export function wireOf({ capabilities, framing, endian }: Claims): Pick<Settings, 'wire'> {
  const isKnown = framing !== undefined && endian !== undefined;
  return capabilities.has('raw') && isKnown ? { wire: { framing, endian } } : {};
}

/** How much later than its time-out a call may return, unless the user says otherwise. */
export function slackOf({ timeoutMs }: Settings): number {
  return Math.max(slackMinMs, timeoutMs);
}
