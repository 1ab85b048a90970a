import type { FieldPath } from '../../model/field_at.ts';
import type { FlatLayout, ValueKind } from '../../records/flatten.ts';
import type { Layout, RecordLayout } from '../../records/layout.ts';
import type { LayoutFrame, Protocol } from '../protocol/frames.ts';

/** The frame that describes a layout; from protocol 2 on, with the kinds of the values. */
export function layoutFrameOf(
  id: number,
  { values, constants }: FlatLayout,
  protocol: Protocol,
): LayoutFrame {
  const fields = values.map(({ path }) => path);
  const frame: LayoutFrame = { type: 'layout', id, fields, constants };
  if (protocol > 1) frame.kinds = values.map(({ kind }) => kind);
  return frame;
}

/** A list or a map in the making. */
class Branch {
  readonly #isList: boolean;
  readonly #items = new Map<string | number, Layout | Branch>();

  constructor(isList: boolean) {
    this.#isList = isList;
  }

  place(path: FieldPath, layout: Layout): void {
    const [key = '', ...rest] = path;
    if (rest.length === 0) {
      this.#items.set(key, layout);
      return;
    }
    let branch = this.#items.get(key);
    if (!(branch instanceof Branch)) {
      branch = new Branch(typeof rest[0] === 'number');
      this.#items.set(key, branch);
    }
    branch.place(rest, layout);
  }

  layout(): Layout {
    const finished = ([key, item]: [string | number, Layout | Branch]): [string | number, Layout] => [
      key,
      item instanceof Branch ? item.layout() : item,
    ];
    const items = [...this.#items].map(finished);
    if (!this.#isList) {
      return { kind: 'map', keys: items.map(([key]) => String(key)), values: items.map(([, item]) => item) };
    }
    // A list may have constants among its items, which are placed last.
    return { kind: 'list', items: items.sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item) };
  }
}

/**
 * The layout a frame describes. What changes stands in it in the order of the fields, so that the values of a
 * record, one after another, are a row of it.
 *
 * @param kinds of the fields, which every record of the layout shows
 */
export function layoutFrom({ fields, constants }: LayoutFrame, kinds: readonly ValueKind[]): RecordLayout {
  const root = new Branch(false);
  for (const [index, path] of fields.entries()) root.place(path, { kind: kinds[index] ?? 'number' });
  // After the fields: a map that only holds constants takes no slots, wherever it stands.
  for (const [path, value] of constants) root.place(path, constantLayout(value));
  const layout = root.layout();
  if (layout.kind !== 'map') throw new TypeError('a layout of something else than a map');
  return layout;
}

function constantLayout(value: LayoutFrame['constants'][number][1]): Layout {
  if (typeof value === 'string') return { kind: 'constant', text: value };
  return Array.isArray(value) ? { kind: 'list', items: [] } : { kind: 'map', keys: [], values: [] };
}
