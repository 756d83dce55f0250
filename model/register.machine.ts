import { setup } from 'xstate';

/** Remembers one of `values`, or nothing. */
export type RegisterEvent = { type: `SET_${number}` } | { type: 'CLEAR' };

/**
 * A finite register: the two facts that the protocol keeps beside its states.
 *
 * `owner` says for which user a context is in use (the uid of the process that asked), `registrant`
 * which of a user's processes is registered. They are machines of their own so that the context and
 * the daemon stay readable whatever the number of users and processes.
 *
 * @param id the machine's name
 * @param values how many different values it can hold, numbered from 0
 */
export function createRegisterMachine(id: string, values: number) {
  const numbers = Array.from({ length: values }, (_, nth) => nth);
  const set = Object.fromEntries(
    numbers.map((nth) => [
      `SET_${nth}`,
      { target: `#${id}.is${nth}`, meta: { requirements: ['REQ-1', 'REG-1'] } },
    ]),
  );
  return setup({ types: {} as { events: RegisterEvent } }).createMachine({
    id,
    description: `Remembers one of ${values} values, or none.`,
    initial: 'none',
    states: {
      none: { description: 'Nothing is remembered.', on: set },
      ...Object.fromEntries(
        numbers.map((nth) => [
          `is${nth}`,
          {
            description: `Value ${nth} is remembered.`,
            on: { ...set, CLEAR: { target: `#${id}.none`, meta: { requirements: ['REG-6'] } } },
          },
        ]),
      ),
    },
  });
}
