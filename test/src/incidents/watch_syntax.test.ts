import { describe, expect, test } from 'vitest';
import { defaultWatches } from '../../../src/incidents/watches/default_watches.ts';
import { watchList, watchStatuses } from '../../../src/incidents/watches/watch_list.ts';
import { conditionText, parseWatch, resolveWatch } from '../../../src/incidents/watches/watch_syntax.ts';
import { DEFAULT_COLLECTORS } from '../../../src/model/collectors.ts';

const watch = (text: string) => resolveWatch(parseWatch(text));

describe('a watch as it is written', () => {
  test('has a name, a field, a threshold and for how long', () => {
    expect(watch('busy: cpu.usage_percent > 90 for 1s')).toEqual({
      name: 'busy',
      collector: 'cpu',
      field: 'cpu.usage_percent',
      path: ['usage_percent'],
      compared: 'value',
      comparison: '>',
      threshold: 90,
      unit: 'percent',
      forMs: 1_000,
      tellsOfInterval: true,
    });
    expect(watch('a-b:memory.available_bytes<1e9')).toMatchObject({
      comparison: '<',
      threshold: 1e9,
      forMs: 0,
    });
  });

  test.each([
    ['every device', 'disk.devices.*.write_latency_ms', ['devices', '*', 'write_latency_ms']],
    ['one with dots', 'disk.devices.dm.0.busy_percent', ['devices', 'dm.0', 'busy_percent']],
    ['a place in a list', 'cpu.per_core.3', ['per_core', '3']],
    ['a resource', 'pressure.memory.some_percent', ['memory', 'some_percent']],
  ])('may be about %s', (_, field, path) => {
    expect(watch(`w: ${field} > 1`).path).toEqual(path);
  });

  test.each([
    ['no condition', 'busy', "write 'NAME: FIELD > NUMBER [for DURATION]'"],
    ['a bad name', '1: cpu.usage_percent > 1', 'cannot name a watch'],
    ['a unit', 'b: cpu.usage_percent > 90%', 'cpu.usage_percent is in percent'],
    ['a bare duration', 'b: cpu.usage_percent > 90 for 5', 'write 100ms'],
    ['a field that is not there', 'b: cpu.usage > 90', 'near it are cpu.usage_percent'],
    ['a text', 'b: disk.partitions.*.device > 1', 'no number called'],
    ['a collector that is not there', 'b: gpu.load > 1', 'no collector "gpu"'],
  ])('%s is refused with what would do', (_, text, message) => {
    expect(() => watch(text)).toThrow(message);
  });

  test('may be about a collector of the user', () => {
    const written = parseWatch('hot: sensors.board.celsius >= 80');
    expect(resolveWatch(written, ['sensors'])).toMatchObject({
      collector: 'sensors',
      path: ['board', 'celsius'],
    });
  });
});

describe('the watches there are', () => {
  const options = { watch: [], watches: true, intervalMs: 100, ownCollectors: [] };

  test('by default each say why', () => {
    const watches = defaultWatches(100);
    expect(new Set(watches.map(({ name }) => name)).size).toBe(watches.length);
    for (const { reason } of watches) expect(reason).toMatch(/\w/);
    expect(watches.map(conditionText)).toContain('cpu.usage_percent >= 95 for 200ms');
  });

  test('give way to one of the same name', () => {
    const asked = parseWatch('cpu_saturated: cpu.usage_percent > 99 for 1m');
    const watches = watchList({ ...options, watch: [asked] });
    expect(watches.filter(({ name }) => name === 'cpu_saturated')).toMatchObject([{ threshold: 99 }]);
    expect(watchList({ ...options, watch: [asked], watches: false })).toEqual([]);
  });

  test('say which flag they would need where their collector does not run', () => {
    const statuses = watchStatuses(watchList(options), new Set(DEFAULT_COLLECTORS));
    const find = (name: string) => statuses.find((status) => status.name === name);
    expect(find('memory_stall')).toMatchObject({ state: 'inactive', needs: '--collectors default,pressure' });
    expect(find('sampler_starved')).toMatchObject({ state: 'active' });
  });

  test('take a second without a tick for starvation, at every rate', () => {
    const threshold = (intervalMs: number) =>
      defaultWatches(intervalMs).find(({ name }) => name === 'sampler_starved')?.threshold;
    expect([1, 100, 1_000, 60_000].map(threshold)).toEqual([1_000, 10, 2, 2]);
  });
});
