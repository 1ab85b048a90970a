import { describe, expect, test } from 'vitest';
import { monotonicNs } from '../../../src/base/clock.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../../src/base/units.ts';
import { parseWatch, resolveWatch } from '../../../src/incidents/watches/watch_syntax.ts';
import type { IncidentReport } from '../../../src/model/incidents/incident.ts';
import { IncidentBook } from '../../../workers/evidence/incident_book.ts';

const NOW_NS = monotonicNs();
const OFFSET_NS = Date.UTC(2026, 0, 2, 3, 4, 5) * NS_PER_MS - NOW_NS;
const SOURCE = {};
const at = (ms: number): number => NOW_NS + ms * NS_PER_MS;

function openBook() {
  const told: { phase: string; report: IncidentReport }[] = [];
  const watches = ['busy: cpu.usage_percent > 90', 'drops: network.interfaces.*.dropin > 9'].map((text) =>
    resolveWatch(parseWatch(text)),
  );
  const book = new IncidentBook({
    watches,
    clockOffsetNs: OFFSET_NS,
    details: () => undefined,
    tell: (phase, report) => told.push({ phase, report }),
  });
  return { book, told };
}

const began = (field = 'cpu.usage_percent', watch = 'busy') =>
  ({ type: 'began', watch, field, sinceNs: at(0), peak: 97.5, peakNs: at(100) }) as const;

describe('the book of incidents', () => {
  test('tells when one begins and when it ends, with the same id', () => {
    const { book, told } = openBook();
    book.hear(began(), SOURCE);
    book.hear({ type: 'rose', watch: 'busy', field: 'cpu.usage_percent', peak: 99, peakNs: at(300) }, SOURCE);
    book.hear(
      {
        type: 'ended',
        watch: 'busy',
        field: 'cpu.usage_percent',
        untilNs: at(400),
        peak: 99,
        peakNs: at(300),
      },
      SOURCE,
    );
    expect(told.map(({ phase }) => phase)).toEqual(['began', 'ended']);
    const [first, last] = told.map(({ report }) => report);
    expect(first).toMatchObject({
      watch: 'busy',
      field: 'cpu.usage_percent',
      threshold: 90,
      began: '2026-01-02T03:04:05.000000Z',
      ended: null,
      peak: 97.5,
      who: null,
      message: 'cpu.usage_percent > 90 %, 97.5 % at worst so far',
    });
    expect(last).toMatchObject({
      id: first?.id,
      ended: '2026-01-02T03:04:05.400000Z',
      peak: 99,
      peak_at: '2026-01-02T03:04:05.300000Z',
      message: 'cpu.usage_percent > 90 % for 400ms, 99 % at worst',
      snapshots: { since: '2026-01-02T03:03:55.000000Z', until: '2026-01-02T03:04:15.400000Z' },
    });
    expect(book.isOpen).toBe(false);
  });

  test('says of a counter what it grew by', () => {
    const { book, told } = openBook();
    book.hear({ ...began('network.interfaces.eth0.dropin', 'drops'), peak: 40 }, SOURCE);
    expect(told[0]?.report.message).toMatch(
      /^network.interfaces.eth0.dropin grew by > 9 packets, 40 packets/,
    );
  });

  test('ends what somebody told who is gone, and all when the sampler ends', () => {
    const { book, told } = openBook();
    const other = {};
    book.hear(began(), SOURCE);
    book.hear(began('network.interfaces.a.dropin', 'drops'), other);
    book.left(SOURCE, at(1_000));
    expect(told.slice(2).map(({ report }) => report.watch)).toEqual(['busy']);
    book.close(at(2_000));
    expect(told.at(-1)?.report.message).toContain('still going on when the sampler was stopped');
  });

  test('has a bound on how many are under way, and counts those it let go', () => {
    const { book, told } = openBook();
    for (let i = 0; i < 50; i++) book.hear(began(`network.interfaces.veth${i}.dropin`, 'drops'), SOURCE);
    expect([told.length, book.suppressed]).toEqual([16, 34]);
    book.hear(began(), SOURCE);
    expect(told.length).toBe(17);
  });

  test('gives every incident an id of its own, in the order of time', () => {
    const { book, told } = openBook();
    for (let i = 0; i < 16; i++) {
      book.hear(
        { ...began(`network.interfaces.veth${i}.dropin`, 'drops'), sinceNs: NOW_NS + i * NS_PER_SECOND },
        SOURCE,
      );
    }
    const ids = told.map(({ report }) => report.id);
    expect(new Set(ids).size).toBe(16);
    expect(ids).toEqual(ids.toSorted());
  });
});
