const SPECIAL = /[.+?^${}()|[\]\\]/g;

/** Fields chosen by patterns of their paths, in which `*` stands for any rest: `cpu.*`, `disk.devices.*.in_flight`. */
export class ChosenFields {
  readonly #patterns: readonly RegExp[];

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map(
      (pattern) => new RegExp(`^${pattern.replace(SPECIAL, '\\$&').replaceAll('*', '.*')}$`, 's'),
    );
  }

  has(path: string): boolean {
    return this.#patterns.some((pattern) => pattern.test(path));
  }
}
