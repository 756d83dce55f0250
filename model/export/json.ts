import type { AnyStateMachine } from 'xstate';

/**
 * A machine as plain JSON, for tools that read XState's own form and for other languages.
 *
 * `createMachine(JSON.parse(text))` makes it a machine again. Guards and actions are in it by name: the
 * reader gives them, `setup({ guards, actions })`, and actions that nobody gives do nothing.
 *
 * @throws Error for a machine with a function in it: its text could not say what the function does
 */
export function jsonOf(machine: AnyStateMachine): string {
  const config: unknown = machine.config;
  const text = JSON.stringify(
    config,
    (key, value: unknown) => {
      if (typeof value !== 'function') return value;
      throw new Error(`${machine.id} has a function at "${key}", which JSON cannot say; name it`);
    },
    2,
  );
  return `${text}\n`;
}
