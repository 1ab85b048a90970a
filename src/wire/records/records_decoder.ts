import { isoTimestamp } from '../../base/timestamps.ts';
import type { FieldPath } from '../../model/field_at.ts';
import type { LayoutFrame } from '../protocol/frames.ts';

const FIRST_VALUE = 3;

/** Makes snapshots of the records of `format=msgpack-records`, with the layouts that came before them. */
export class RecordsDecoder {
  readonly #layouts = new Map<number, LayoutFrame>();

  /** Takes in what records with this id mean from now on. */
  learn(layout: LayoutFrame): void {
    this.#layouts.set(layout.id, layout);
  }

  /** The snapshot of a record; undefined when its layout was never told. */
  decode(record: readonly unknown[]): Record<string, unknown> | undefined {
    const [id, sequence, unixUs] = record;
    const layout = this.#layouts.get(Number(id));
    if (layout === undefined) return undefined;
    const snapshot = { type: 'snapshot', sequence, timestamp: isoTimestamp(Number(unixUs)) };
    for (const [path, value] of layout.constants) place(snapshot, path, structuredClone(value));
    for (const [index, path] of layout.fields.entries()) place(snapshot, path, record[FIRST_VALUE + index]);
    return snapshot;
  }
}

function place(snapshot: object, path: FieldPath, value: unknown): void {
  let at: Record<string | number, unknown> = snapshot as Record<string, unknown>;
  for (let i = 0; i < path.length - 1; i++) {
    const key = path[i]!;
    if (!Object.hasOwn(at, key)) put(at, key, typeof path[i + 1] === 'number' ? [] : {});
    at = at[key] as Record<string | number, unknown>;
  }
  put(at, path.at(-1)!, value);
}

/** Defined, not assigned: an interface or a device may be called `__proto__`. */
function put(target: object, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
