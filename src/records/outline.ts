import { type Layout, type RecordLayout, slotsOf } from './layout.ts';
import { type Outline, Slot } from './slot.ts';

/** The outline of all objects of a layout whose rows begin at slot `from`. */
export function outlineOf(layout: RecordLayout, from = 0): Outline {
  let at = from;
  const outline = (part: Layout): unknown => {
    switch (part.kind) {
      case 'constant':
        return part.text;
      case 'list':
        return part.items.map(outline);
      case 'map':
        return outlineOfMap(part);
      default: {
        const slot = new Slot(at, part.kind);
        at += slotsOf(part);
        return slot;
      }
    }
  };
  const outlineOfMap = ({ keys, values }: RecordLayout): Outline => {
    const map = {};
    for (const [index, key] of keys.entries()) {
      // Assigned, `__proto__` would be swallowed: an interface or a device may be called anything.
      Object.defineProperty(map, key, { value: outline(values[index]!), enumerable: true });
    }
    return map;
  };
  return outlineOfMap(layout);
}
