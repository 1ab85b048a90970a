import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { monotonicNs } from '../../../src/base/clock.ts';
import { NS_PER_MS } from '../../../src/base/units.ts';
import { ProcessAccount } from '../../../workers/evidence/process_account.ts';
import { MS_PER_JIFFY, type ProcessReading, type Scan } from '../../../workers/evidence/process_scanner.ts';

const NOW_NS = monotonicNs();
const LONG_AGO_JIFFIES = 1;
const detailsOf = ({ pid, name }: ProcessReading) => ({ command: name, cgroup: `/of/${pid}` });

interface Facts {
  name?: string;
  runMs?: number;
  childrenMs?: number;
  faults?: number;
  written?: number;
  startedMs?: number;
}

/** A look at processes, so many milliseconds from now. */
function look(atMs: number, busyMs: number, processes: Record<number, Facts>): Scan {
  const readings = Object.entries(processes).map(([key, facts]): [number, ProcessReading] => {
    const pid = Number(key);
    const started = facts.startedMs === undefined ? LONG_AGO_JIFFIES : bootMs(facts.startedMs) / MS_PER_JIFFY;
    return [
      pid,
      {
        pid,
        name: facts.name ?? `p${pid}`,
        parent: 1,
        threads: 1,
        runJiffies: (facts.runMs ?? 0) / MS_PER_JIFFY,
        childrenJiffies: (facts.childrenMs ?? 0) / MS_PER_JIFFY,
        majorFaults: facts.faults ?? 0,
        readBytes: 0,
        writeBytes: facts.written,
        startedJiffies: started,
      },
    ];
  });
  return { atNs: NOW_NS + atMs * NS_PER_MS, busyMs, processes: new Map(readings) };
}

/** The time since boot, so many milliseconds from now; this host does not sleep between its clocks. */
const bootMs = (ms: number): number => NOW_NS / NS_PER_MS + ms;
const at = (ms: number): number => NOW_NS + ms * NS_PER_MS;

describe('the account of processes', () => {
  test('names who ran within the incident, and not who has always run', () => {
    // The first one runs a tenth of the time, as it always has; the second one's burst lasts 200 ms.
    const account = new ProcessAccount(
      at(0),
      look(-4_000, 10_400, { 1: { runMs: 10_400 }, 2: { runMs: 0 } }),
      look(-8_000, 10_000, { 1: { runMs: 10_000 }, 2: { runMs: 0 } }),
      detailsOf,
    );
    account.add(look(100, 10_910, { 1: { runMs: 10_810 }, 2: { runMs: 100 } }));
    account.add(look(200, 11_020, { 1: { runMs: 10_820 }, 2: { runMs: 200 } }));
    const [first, second] = account.processes(at(200), 'cpu');
    expect(first).toMatchObject({ pid: 2, cpu_ms: 200, cpu_percent: 100, state: 'running', cgroup: '/of/2' });
    expect(second).toMatchObject({ pid: 1, cpu_ms: 20, cpu_percent: 10 });
    expect(account.unseen(at(200))).toBeUndefined();
  });

  test('counts all of a process that began within it, and of one that has ended what was seen', () => {
    const account = new ProcessAccount(at(0), look(-1_000, 0, { 1: {} }), undefined, detailsOf);
    account.add(look(100, 90, { 1: {}, 7: { name: 'stress', runMs: 90, startedMs: 5 } }));
    account.add(look(300, 200, { 1: {} }));
    expect(account.processes(at(300), 'cpu')).toMatchObject([
      { command: 'stress', cpu_ms: 90, cpu_percent: 30, state: 'ended' },
    ]);
  });

  test('leaves out what came after the end, which is known later only', () => {
    const account = new ProcessAccount(at(0), look(-1_000, 0, { 1: {}, 2: {} }), undefined, detailsOf);
    account.add(look(100, 100, { 1: { runMs: 100 }, 2: {} }));
    account.add(look(300, 300, { 1: { runMs: 110 }, 2: { runMs: 190 } }));
    account.add(look(900, 900, { 1: { runMs: 110 }, 2: { runMs: 790 }, 3: { runMs: 100, startedMs: 500 } }));
    expect(account.processes(at(90), 'cpu').map(({ pid }) => pid)).toEqual([1]);
    expect(account.processes(undefined, 'cpu').map(({ pid }) => pid)).toEqual([2, 1, 3]);
  });

  test('does not take a number that is used again for the process that had it', () => {
    const account = new ProcessAccount(at(0), look(-1_000, 0, { 5: { runMs: 9_000 } }), undefined, detailsOf);
    account.add(look(100, 50, { 5: { name: 'other', runMs: 50, startedMs: 20 } }));
    expect(account.processes(at(100), 'cpu')).toMatchObject([{ pid: 5, command: 'other', cpu_ms: 50 }]);
  });

  test('of all processes together does not tell more CPU time than there was', () => {
    const cores = availableParallelism();
    const pids = Array.from({ length: 2 * cores }, (_, index) => index + 1);
    const all = (runMs: number) => Object.fromEntries(pids.map((pid) => [pid, { runMs }]));
    const account = new ProcessAccount(at(0), look(-1_000, 0, all(0)), undefined, detailsOf);
    account.add(look(500, 0, all(200)));
    const told = account.processes(at(100), 'cpu').slice(0, 10);
    const most = Math.min(10, pids.length) / pids.length;
    expect(told.reduce((sum, { cpu_percent }) => sum + cpu_percent, 0)).toBeCloseTo(100 * cores * most, 0);
  });

  test('without a look before tells what the looks since differ by', () => {
    const account = new ProcessAccount(at(0), undefined, undefined, detailsOf);
    account.add(look(50, 10_000, { 1: { runMs: 10_000 } }));
    account.add(look(150, 10_100, { 1: { runMs: 10_100 } }));
    expect(account.processes(at(150), 'cpu')).toMatchObject([{ pid: 1, cpu_ms: 100 }]);
    expect(account.unseen(at(150))).toBeUndefined();
  });

  test('says what was used by those nobody saw, and whose children they were', () => {
    const account = new ProcessAccount(at(0), look(-1_000, 0, { 1: { name: 'make' } }), undefined, detailsOf);
    account.add(look(200, 390, { 1: { name: 'make', runMs: 40, childrenMs: 350 } }));
    expect(account.unseen(at(200))).toEqual({ part: 350 / 390, parents: ['make (1)'] });
  });

  test('orders by what the incident is about, and tells the others that stand out, too', () => {
    const account = new ProcessAccount(
      at(0),
      look(-1_000, 0, { 1: {}, 2: { written: 0 }, 3: {} }),
      undefined,
      detailsOf,
    );
    account.add(look(100, 80, { 1: { runMs: 80 }, 2: { written: 5e6 }, 3: { faults: 70 } }));
    expect(account.processes(at(100), 'io').map(({ pid }) => pid)).toEqual([2, 1, 3]);
    expect(account.processes(at(100), 'faults')[0]).toMatchObject({
      pid: 3,
      major_faults: 70,
      write_bytes: null,
    });
  });

  test('of an incident that lasts for long forgets looks, and nothing of what was done', () => {
    const account = new ProcessAccount(at(0), look(-1_000, 0, { 1: {}, 2: {} }), undefined, detailsOf);
    account.add(look(100, 0, { 1: { runMs: 100 }, 2: {} }));
    for (let second = 1; second <= 40; second++)
      account.add(look(second * 1_000, 0, { 2: { runMs: second * 10 } }));
    expect(account.processes(undefined, 'cpu')).toMatchObject([
      { pid: 2, cpu_ms: 400, state: 'running' },
      { pid: 1, cpu_ms: 100, state: 'ended' },
    ]);
  });
});
