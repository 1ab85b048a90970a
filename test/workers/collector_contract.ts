import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { AnyData, CollectorOptions, Outcome } from '../../src/handover/messages.ts';
import { ALL_MODELS } from '../../src/model/collectors.ts';
import { type FieldPath, fieldAt } from '../../src/model/field_at.ts';
import type { BaseCollector } from '../../workers/base/base_collector.ts';
import { MACHINES, type Machine, MachineCopy, TestClock } from '../support/machine.ts';

/** What the suite has to know about a collector that reads files. */
export interface ContractSubject {
  readonly name: string;
  create(options: CollectorOptions, now: () => number): BaseCollector<AnyData>;
  /** The file it cannot do without. */
  readonly source: string;
  /** Makes `source` the file it reads, where it would rather read another. */
  prepare?(copy: MachineCopy): void;
  /** The field that depends on `source` where the rest is told without it, and that is named when it is missing. */
  readonly without?: string;
  /** Whether the first sample is data without rates, or nothing yet. */
  readonly first: 'ok' | 'warming_up';
  /** How soon it notices that its source has changed, where that is not at once. */
  readonly looksEveryMs?: number;
  /** Machines that do not have its source. */
  readonly absentOn?: readonly Machine[];
}

/** Every number in a value, with the path to it. */
function numbersIn(value: unknown, path: FieldPath = []): [FieldPath, number][] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((child, place) => numbersIn(child, [...path, place]));
  return Object.entries(value).flatMap(([key, child]) => numbersIn(child, [...path, key]));
}

/** Every number is declared, and is what its declaration says it can be. */
function expectPlausible(collector: BaseCollector<AnyData>, outcome: Outcome): void {
  if (outcome.state !== 'ok') return;
  const model = ALL_MODELS.find(({ name }) => name === collector.name)!;
  for (const [path, number] of numbersIn(outcome.data)) {
    const named = path.join('.');
    const field = fieldAt(model, path);
    expect(field, `${named} is not declared`).toBeDefined();
    expect(Number.isFinite(number), `${named} = ${number}`).toBe(true);
    if (field?.unit !== 'celsius') expect(number, named).toBeGreaterThanOrEqual(0);
    // A rate in percent is CPU time a second, as a share of one core.
    if (field?.unit === 'percent' && field.kind !== 'rate') expect(number, named).toBeLessThanOrEqual(100);
    if (field?.kind === 'count') expect(Number.isInteger(number), `${named} = ${number}`).toBe(true);
  }
}

function isRate(collector: BaseCollector<AnyData>, path: FieldPath): boolean {
  const model = ALL_MODELS.find(({ name }) => name === collector.name)!;
  return fieldAt(model, path)?.kind === 'rate';
}

/** What every collector promises, whatever it reads. */
export function describeCollector(subject: ContractSubject): void {
  const disposals: (() => void)[] = [];
  afterEach(() => {
    for (const dispose of disposals.splice(0)) dispose();
  });

  function on(copy: MachineCopy): { collector: BaseCollector<AnyData>; clock: TestClock; copy: MachineCopy } {
    const clock = new TestClock();
    subject.prepare?.(copy);
    const collector = subject.create({ rootfs: copy.rootfs, perfCpus: 'all' }, clock.now);
    disposals.push(() => {
      collector.close();
      copy.dispose();
    });
    return { collector, clock, copy };
  }

  /** Two readings a second apart, so that every rate is there. */
  function settled(copy: MachineCopy): ReturnType<typeof on> {
    const host = on(copy);
    host.collector.safeCollect();
    host.copy.later();
    subject.prepare?.(copy);
    host.clock.advanceMs(1_000);
    expect(host.collector.safeCollect().state).toBe('ok');
    return host;
  }

  /** Fails with the code, or tells the rest and names what is missing. */
  function expectTold(collector: BaseCollector<AnyData>, outcome: Outcome, code: string, hint = ''): void {
    if (subject.without === undefined) {
      expect(outcome, hint).toMatchObject({ state: 'failed', code });
      expect(outcome.state === 'failed' && outcome.message, hint).toContain(
        code === 'SOURCE_MISSING' ? subject.source : '',
      );
      return;
    }
    expect(outcome.state, hint).toBe('ok');
    expect(collector.sources?.[subject.without]?.message, hint).toContain(subject.source);
  }

  describe(`the contract of ${subject.name}`, () => {
    const machines = MACHINES.filter((machine) => !subject.absentOn?.includes(machine));

    test.each(machines)('a first sample, and a second with rates, on %s', (machine) => {
      const { collector, clock, copy } = on(new MachineCopy(machine));
      expect(collector.name).toBe(subject.name);
      const first = collector.safeCollect();
      expect(first.state).toBe(subject.first);
      if (first.state === 'ok') {
        expect(numbersIn(first.data).filter(([path]) => isRate(collector, path))).toEqual([]);
      }
      expectPlausible(collector, first);
      copy.later();
      clock.advanceMs(1_000);
      const second = collector.safeCollect();
      expect(second.state).toBe('ok');
      expectPlausible(collector, second);
      expect(() => structuredClone(second)).not.toThrow();
    });

    test('disabled, it reads nothing and says so', () => {
      const { collector, copy } = on(new MachineCopy('small-vm'));
      copy.remove(subject.source);
      collector.enabled = false;
      expect(collector.safeCollect()).toEqual({ state: 'disabled' });
    });

    test('fails with a code while its source is gone, and recovers when it is back', () => {
      const { collector, clock, copy } = settled(new MachineCopy('small-vm'));
      const content = copy.read(subject.source);
      copy.remove(subject.source);
      clock.advanceMs(subject.looksEveryMs ?? 100);
      expectTold(collector, collector.safeCollect(), 'SOURCE_MISSING');
      copy.write(subject.source, content);
      clock.advanceMs(100);
      const back = collector.safeCollect();
      expect(back.state).not.toBe('failed');
      expectPlausible(collector, back);
    });

    test('never believes a source that was cut off, wherever it was cut', () => {
      const { collector, clock, copy } = on(new MachineCopy('small-vm'));
      const content = readFileSync(join(copy.rootfs, subject.source), 'latin1');
      for (let length = 0; length < content.length; length++) {
        copy.write(subject.source, content.slice(0, length));
        clock.advanceMs(subject.looksEveryMs ?? 1_000);
        const outcome = collector.safeCollect();
        if (content[length - 1] !== '\n' && (length > 0 || subject.without === undefined)) {
          expectTold(collector, outcome, 'SOURCE_MALFORMED', `${length} bytes`);
        }
        expectPlausible(collector, outcome);
      }
    });

    test('makes no negative or absurd rate of counters that start again', () => {
      const { collector, clock, copy } = settled(new MachineCopy('server-128'));
      const content = copy.read(subject.source);
      copy.write(subject.source, content.replace(/(?<=[\s:])\d{4,}(?=\s)/g, '3'));
      clock.advanceMs(1_000);
      const outcome = collector.safeCollect();
      expectPlausible(collector, outcome);
      if (outcome.state !== 'ok') return;
      for (const [path, rate] of numbersIn(outcome.data)) {
        if (isRate(collector, path)) expect(rate, path.join('.')).toBeLessThan(1e6);
      }
    });

    test('computes no rate over time nobody watched', () => {
      const { collector, clock } = settled(new MachineCopy('small-vm'));
      collector.reset();
      clock.advanceMs(60_000);
      const outcome = collector.safeCollect();
      expect(outcome.state).toBe(subject.first);
      if (outcome.state === 'ok') {
        expect(numbersIn(outcome.data).filter(([path]) => isRate(collector, path))).toEqual([]);
      }
    });

    test('can be closed twice, and read again after that', () => {
      const { collector } = settled(new MachineCopy('small-vm'));
      collector.close();
      expect(() => collector.close()).not.toThrow();
      expect(collector.safeCollect().state).not.toBe('failed');
    });
  });
}
