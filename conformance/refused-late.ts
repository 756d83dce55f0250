import type { Answer } from './subject.js';

/** A request may be refused after its answer, where its call has only been started by then. */
export function refusedLate(answer: Answer, task: number | undefined): Answer {
  const refusal = answer.events.find(
    (event) => event.event === 'complete' && event.task === task && event.errno !== undefined,
  );
  if (task === undefined || answer.error !== undefined || refusal === undefined) return answer;
  const events = answer.events.filter((event) => event !== refusal);
  const errno = 'errno' in refusal ? refusal.errno : undefined;
  return { events, error: { code: 'ERRNO', ...(errno === undefined ? {} : { errno }) } };
}
