import { describe, expect, test } from 'vitest';
import { NS_PER_MS } from '../../../src/base/units.ts';
import { parseWatch, resolveWatch } from '../../../src/incidents/watches/watch_syntax.ts';
import type { Watch } from '../../../src/model/incidents/watch.ts';
import { Packer } from '../../../src/records/packer.ts';
import type { Crossing } from '../../../src/watching/crossing.ts';
import { WatchCheck } from '../../../src/watching/watch_check.ts';

const INTERVAL_NS = 100 * NS_PER_MS;

/** A collector's readings one after another, 100 ms apart, under one watch. */
function watching(text: string | Watch) {
  const watch = typeof text === 'string' ? resolveWatch(parseWatch(`test: ${text}`)) : text;
  const told: Crossing[] = [];
  const check = new WatchCheck([watch], (crossing) => told.push(crossing));
  const packer = new Packer();
  let tick = 0;
  const read = (...readings: (object | undefined)[]): Crossing[] => {
    const before = told.length;
    for (const data of readings) {
      tick++;
      if (data === undefined) check.pass(tick * INTERVAL_NS);
      else {
        const { layout, row } = packer.pack(data);
        check.look(layout, row, 0, tick * INTERVAL_NS);
      }
    }
    return told.slice(before);
  };
  return { read, check };
}

const busy = (usage_percent: number) => ({ usage_percent, per_core: [usage_percent, 0] });
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('a watch', () => {
  test('says when its condition has held for long enough, since when, and what was the worst', () => {
    const { read } = watching('cpu.usage_percent >= 95 for 200ms');
    expect(read(busy(10), busy(20))).toEqual([]);
    expect(read(busy(96))).toEqual([{ type: 'suspected', watch: 'test', field: 'cpu.usage_percent' }]);
    expect(read(busy(100))).toEqual([
      {
        type: 'began',
        watch: 'test',
        field: 'cpu.usage_percent',
        // A share tells of the interval before its tick.
        sinceNs: 2 * INTERVAL_NS,
        peak: 100,
        peakNs: 4 * INTERVAL_NS,
      },
    ]);
    expect(read(busy(99), ...times(19, busy(3)))).toEqual([]);
    expect(read(busy(3))).toEqual([
      {
        type: 'ended',
        watch: 'test',
        field: 'cpu.usage_percent',
        untilNs: 5 * INTERVAL_NS,
        peak: 100,
        peakNs: 4 * INTERVAL_NS,
      },
    ]);
  });

  test('takes one trouble with a pause for one incident, and a later one for another', () => {
    const { read } = watching('cpu.usage_percent > 50');
    read(busy(1));
    expect(read(busy(60), ...times(15, busy(1)), busy(55)).map(({ type }) => type)).toEqual(['began']);
    expect(read(...times(25, busy(1))).map(({ type }) => type)).toEqual(['ended']);
    expect(read(busy(60)).map(({ type }) => type)).toEqual(['began']);
  });

  test('tells of a worse value once a second at most', () => {
    const { read } = watching('cpu.usage_percent > 50');
    read(busy(1), busy(60));
    const rises = read(...Array.from({ length: 25 }, (_, index) => busy(61 + index)));
    expect(rises.map(({ type }) => type)).toEqual(['rose', 'rose']);
  });

  test('of a counter looks at what it grew by', () => {
    const { read } = watching('network.interfaces.*.dropin > 9');
    const wires = (eth0: number, veth: number) => ({
      interfaces: { eth0: { dropin: eth0 }, veth: { dropin: veth } },
    });
    expect(read(wires(1_000, 5), wires(1_009, 5))).toEqual([]);
    expect(read(wires(1_010, 30))).toMatchObject([
      { type: 'began', field: 'network.interfaces.veth.dropin', peak: 25 },
    ]);
  });

  test('tells names apart, also those with dots in them, and those that come and go', () => {
    const { read } = watching('disk.devices.*.write_latency_ms > 20');
    const disks = (devices: Record<string, number>) => ({
      devices: Object.fromEntries(
        Object.entries(devices).map(([name, ms]) => [name, { busy_percent: 1, write_latency_ms: ms }]),
      ),
    });
    expect(read(disks({ sda: 1 }), disks({ 'dm.0': 30, sda: 2 }))).toMatchObject([
      { type: 'began', field: 'disk.devices.dm.0.write_latency_ms', peak: 30 },
    ]);
    expect(read(...times(21, disks({ sda: 1 })))).toMatchObject([
      { type: 'ended', field: 'disk.devices.dm.0.write_latency_ms' },
    ]);
  });

  test('takes what is absent for unknown: neither over nor long enough', () => {
    const { read } = watching('disk.devices.sda.write_latency_ms > 20 for 500ms');
    const sda = (write_latency_ms?: number) => ({ devices: { sda: { busy_percent: 1, write_latency_ms } } });
    expect(read(sda(1), sda(30), sda(), sda(40), sda()).map(({ type }) => type)).toEqual(['suspected']);
    expect(read(sda(40), sda(40)).map(({ type }) => type)).toEqual(['began']);
    // Nothing written for two seconds: over, and since the last one that was slow.
    expect(read(...times(20, undefined))).toMatchObject([{ type: 'ended', untilNs: 7 * INTERVAL_NS }]);
  });

  test('does not count while another condition holds', () => {
    const watch = {
      ...resolveWatch(parseWatch('core: cpu.per_core.* >= 95')),
      unless: { path: ['usage_percent'], compared: 'value', comparison: '>=', threshold: 95 },
    } as const;
    const { read } = watching(watch);
    const cores = (usage_percent: number, ...per_core: number[]) => ({ usage_percent, per_core });
    expect(read(cores(1, 1, 1), cores(100, 100, 100))).toEqual([]);
    expect(read(cores(50, 0, 100))).toMatchObject([{ type: 'began', field: 'cpu.per_core.1' }]);
  });

  test('ends what is under way when nobody reads any more, and compares no counter across the pause', () => {
    const { read, check } = watching('memory_bandwidth.oom_kills > 0');
    expect(read({ oom_kills: 0 }, { oom_kills: 1 }).map(({ type }) => type)).toEqual(['began']);
    check.end();
    expect(read().concat(read({ oom_kills: 5 }))).toEqual([]);
  });
});
