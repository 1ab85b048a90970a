import { HzstatError } from '../../src/base/errors.ts';
import type { CustomData, CustomValue } from '../../src/model/snapshot.ts';

const MOST_VALUES = 1_000;
const DEEPEST = 8;
const LONGEST_TEXT = 1_000;

/**
 * A copy of what a module delivered, made of nothing but numbers, texts, flags, nulls, lists and plain objects;
 * whatever the module does to its own object afterwards, or has hidden in it, stays there.
 *
 * @throws HzstatError COLLECTOR_BAD_DATA naming the field that is something else
 */
export function plainData(value: unknown): CustomData {
  if (!isPlainObject(value)) throw bad(`collect returned ${nameOf(value)}, not an object with named fields`);
  return new Copier().map(value, '', 1);
}

class Copier {
  #values = 0;

  map(source: object, path: string, depth: number): CustomData {
    const entries: [string, CustomValue][] = [];
    for (const [key, value] of Object.entries(source)) {
      if (value === undefined) continue;
      entries.push([key, this.#value(value, path === '' ? key : `${path}.${key}`, depth)]);
    }
    // By way of entries, so that no name is special.
    return Object.fromEntries(entries);
  }

  #value(value: unknown, path: string, depth: number): CustomValue {
    if (++this.#values > MOST_VALUES) throw bad(`there are more than ${MOST_VALUES} values`);
    switch (typeof value) {
      case 'number':
        return Number.isFinite(value) ? value : null;
      case 'boolean':
        return value;
      case 'string':
        if (value.length > LONGEST_TEXT)
          throw bad(`${path} is a text of more than ${LONGEST_TEXT} characters`);
        return value;
      case 'object':
        if (value === null) return null;
        if (depth === DEEPEST) throw bad(`${path} is nested more than ${DEEPEST} deep, or contains itself`);
        if (Array.isArray(value)) {
          // Array.from sees the holes of a sparse list, too.
          return Array.from(value, (item: unknown, index) =>
            item === undefined ? null : this.#value(item, `${path}.${index}`, depth + 1),
          );
        }
        if (isPlainObject(value)) return this.map(value, path, depth + 1);
    }
    throw bad(
      `${path} is ${nameOf(value)}; a snapshot holds numbers, texts, booleans, null, lists and objects`,
    );
  }
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'nothing' : `a ${typeof value}`;
  if (Array.isArray(value)) return 'a list';
  return `a ${value.constructor?.name || 'special object'}`;
}

function bad(what: string): HzstatError {
  return new HzstatError('COLLECTOR_BAD_DATA', what);
}
