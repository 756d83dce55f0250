/** The Linux kernels that can be prepared as targets, and the names of the targets. */

/** A kernel that can be prepared. */
export interface Kernel {
  /** The Debian release that contains it. */
  readonly release: string;
  /** The modules that its fs/ecryptfs needs, in loading order. */
  readonly modules: readonly string[];
}

/** The kernels, by version. */
export const kernels: Readonly<Record<string, Kernel>> = {
  '5.10': { release: 'bullseye', modules: ['libaes', 'aes_generic', 'cbc', 'ecb'] },
  '6.1': { release: 'bookworm', modules: ['ecb'] },
  '6.12': { release: 'trixie', modules: [] },
};

/** The kernel of a target that names none. */
export const kernelDefault = '6.1';

/** Which requests a target makes: files are created (Tag 66, 67) or opened (Tag 64, 65). */
export type Half = 'create' | 'open';

/** A kernel target, by its name. */
export interface LinuxTarget {
  readonly kernel: string;
  readonly half: Half;
}

/** The targets: for each kernel one that creates files and one that opens them. */
export const linuxTargets: Readonly<Record<string, LinuxTarget>> = Object.fromEntries<LinuxTarget>(
  Object.keys(kernels)
    .sort((a) => (a === kernelDefault ? -1 : 1))
    .flatMap((kernel) => {
      const name = kernel === kernelDefault ? 'linux' : `linux-${kernel}`;
      return [
        [name, { kernel, half: 'create' }],
        [`${name}-open`, { kernel, half: 'open' }],
      ] as const;
    }),
);
