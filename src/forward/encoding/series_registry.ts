import type { HostLabels } from '../../base/host_labels.ts';
import type { Labels } from '../../series/labels.ts';
import { labelBytes } from './label_bytes.ts';

/** Beyond that the series that are no more outnumber those that are, and all are numbered anew. */
const MOST_SERIES = 100_000;

/** Every series there is, with a number for each and its labels as they stand in every request: encoded once. */
export class SeriesRegistry {
  /** By number. */
  readonly encoded: Uint8Array[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #host: readonly (readonly [string, string])[];

  constructor(host: HostLabels) {
    this.#host = Object.entries(host);
  }

  get isCrowded(): boolean {
    return this.encoded.length > MOST_SERIES;
  }

  numberOf(name: string, labels: Labels): number {
    const key = name + labels.text;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.encoded.length;
      this.encoded.push(labelBytes([['__name__', name], ...this.#host, ...labels.pairs]));
      this.#numbers.set(key, number);
    }
    return number;
  }

  clear(): void {
    this.encoded.length = 0;
    this.#numbers.clear();
  }
}
