import { describe, expect, test } from 'vitest';
import { NS_PER_MS } from '../../../src/base/units.ts';
import { defaultWatches } from '../../../src/incidents/watches/default_watches.ts';
import type { Watch } from '../../../src/model/incidents/watch.ts';
import { Packer } from '../../../src/records/packer.ts';
import type { Crossing } from '../../../src/watching/crossing.ts';
import { WatchCheck } from '../../../src/watching/watch_check.ts';

const INTERVAL_MS = 100;
/** Longer than any of them wants its condition to hold. */
const SECONDS = 8;

/** Readings of one field one after another, as its collector delivers them: what a watch says of them. */
function told(watch: Watch, values: readonly number[]): Crossing['type'][] {
  const crossings: Crossing['type'][] = [];
  const check = new WatchCheck([watch], ({ type }) => crossings.push(type));
  const packer = new Packer();
  for (const [index, value] of values.entries()) {
    const { layout, row } = packer.pack(dataWith(watch.path, value));
    check.look(layout, row, 0, (index + 1) * INTERVAL_MS * NS_PER_MS);
  }
  return crossings;
}

/** An object with a value at a path; every `*` is some name, or the first place of a list of cores. */
function dataWith([part = '', ...deeper]: readonly string[], value: number): Record<string, unknown> {
  const name = part === '*' ? 'some.name' : part;
  if (name === 'per_core') return { usage_percent: 50, per_core: [value, 3] };
  return { [name]: deeper.length === 0 ? value : dataWith(deeper, value) };
}

/** Readings in which the field stands still at a value or, of a counter, grows by as much each time. */
function readings({ compared }: Watch, value: number): number[] {
  const count = (SECONDS * 1_000) / INTERVAL_MS;
  return Array.from({ length: count }, (_, index) => (compared === 'growth' ? index * value : value));
}

const watches = defaultWatches(INTERVAL_MS).map((watch) => [watch.name, watch] as const);

describe('of the default watches', () => {
  test.each(watches)('%s begins an incident when its condition holds', (_, watch) => {
    const beyond = watch.threshold + 1;
    expect(told(watch, readings(watch, beyond)).filter((type) => type === 'began')).toEqual(['began']);
  });

  test.each(watches)('%s is quiet just short of its threshold', (_, watch) => {
    const short = watch.comparison === '>=' ? watch.threshold - 0.01 : watch.threshold;
    expect(told(watch, readings(watch, short))).toEqual([]);
  });

  test.each(watches.filter(([, { forMs }]) => forMs > INTERVAL_MS))(
    '%s is quiet when its condition holds too shortly',
    (_, watch) => {
      const ticks = Math.ceil(watch.forMs / INTERVAL_MS) - 1;
      const beyond = Array.from({ length: ticks }, () => watch.threshold + 1);
      expect(told(watch, [0, ...beyond, 0, 0, 0])).not.toContain('began');
    },
  );
});
