import { moduleNameMax } from '../wire/index.js';
import type { PkiModule } from './module.js';

/** The key modules that there are, each found by its whole name and by nothing less. */
export class PkiRegistry {
  readonly #modules = new Map<string, PkiModule>();

  constructor(modules: readonly PkiModule[] = []) {
    for (const module of modules) this.register(module);
  }

  /**
   * Adds a module.
   *
   * @throws RangeError when its name is taken, or is none that a token can carry
   */
  register(module: PkiModule): void {
    const { name } = module;
    if (!/^[\x21-\x7e]+$/.test(name) || name.length > moduleNameMax) {
      throw new RangeError(
        `"${name}" cannot name a key module; use 1 to ${moduleNameMax} signs of ASCII`,
      );
    }
    if (this.#modules.has(name)) {
      throw new RangeError(`there is a key module ${name} already; give this one another name`);
    }
    this.#modules.set(name, module);
  }

  /** The module of this whole name. */
  find(name: string): PkiModule | undefined {
    return this.#modules.get(name);
  }

  /** The names of all. */
  names(): readonly string[] {
    return [...this.#modules.keys()];
  }
}
