import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePerfLine } from '../../../workers/parse/perf_stat.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/perf');

/** The same line, written so that it is taken apart by name. */
const unusual = (line: string): string => line.replace(/\}$/, ' }');

function line(fields: Readonly<Record<'time' | 'value' | 'unit' | 'event' | 'running' | 'metric', string>>) {
  const { time, value, unit, event, running, metric } = fields;
  return `{"interval" : ${time}, "counter-value" : "${value}", "unit" : "${unit}", "event" : "${event}", "event-runtime" : 401908876, "pcnt-running" : ${running}, "metric-value" : ${metric}, "metric-unit" : "/sec"}`;
}

const digits = fc.stringMatching(/^\d{1,12}$/);
const number = fc.tuple(digits, digits).map(([whole, part]) => `${whole}.${part}`);
const word = fc.oneof(
  fc.constantFrom('', 'msec', 'cycles', 'cpu_core/cycles/u', 'L1-dcache-loads', 'a\\"b', 'ü', 'a\tb'),
  fc.string({ maxLength: 12 }),
);

describe('a line of perf in JSON', () => {
  test('says the same whether it is read in one go or taken apart', () => {
    fc.assert(
      fc.property(
        fc.record({ time: number, value: number, unit: word, event: word, running: number, metric: number }),
        (fields) => {
          const usual = line(fields);
          expect(parsePerfLine(usual, 'json')).toEqual(parsePerfLine(unusual(usual), 'json'));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each(readdirSync(FIXTURES).filter((name) => name.endsWith('.jsonl')))('also in %s', (name) => {
    for (const each of readFileSync(join(FIXTURES, name), 'latin1').split('\n')) {
      expect(parsePerfLine(each, 'json')).toEqual(parsePerfLine(unusual(each), 'json'));
    }
  });
});
