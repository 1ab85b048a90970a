/** What of recording may fail while the rest goes on. */
export type TroubleKind = 'journal' | 'segments' | 'merging';

/** What is wrong at the moment, each thing until it went well again. */
export class Troubles {
  readonly #messages = new Map<TroubleKind, string>();

  /** All of it in one line; undefined while everything is well. */
  get message(): string | undefined {
    return this.#messages.size === 0 ? undefined : [...this.#messages.values()].join('; ');
  }

  set(kind: TroubleKind, message: string): void {
    this.#messages.set(kind, message);
  }

  /** Returns whether it was in trouble. */
  clear(kind: TroubleKind): boolean {
    return this.#messages.delete(kind);
  }
}
