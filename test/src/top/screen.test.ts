import { describe, expect, test } from 'vitest';
import type { Incident } from '../../../src/model/incidents/incident.ts';
import type { Snapshot } from '../../../src/model/snapshot.ts';
import { ASCII_GLYPHS, BLOCK_GLYPHS } from '../../../src/top/drawing/glyphs.ts';
import { Grid } from '../../../src/top/drawing/grid.ts';
import { Hits } from '../../../src/top/drawing/hits.ts';
import { Painter } from '../../../src/top/drawing/painter.ts';
import { Recent } from '../../../src/top/figures/recent.ts';
import { seriesOf, tickTimeMs } from '../../../src/top/figures/series_of.ts';
import { drawScreen } from '../../../src/top/screen.ts';
import { Past } from '../../../src/top/view/past.ts';
import type { Target } from '../../../src/top/view/target.ts';
import { Moment, type View } from '../../../src/top/view/view.ts';
import { TestScreen } from '../../support/screen.ts';
import { wholeSnapshot } from '../../support/snapshots.ts';

function viewOf(snapshots: readonly Snapshot[], more: Partial<View> = {}): View {
  const recent = new Recent();
  const past = new Past();
  let moment: Moment | undefined;
  for (const snapshot of snapshots) {
    recent.add(tickTimeMs(snapshot), seriesOf(snapshot));
    moment = new Moment(snapshot, moment);
    past.add(moment);
  }
  return {
    moment,
    recent,
    incidents: [],
    past,
    columnMs: 100,
    glyphs: BLOCK_GLYPHS,
    cores: 'fitting',
    focus: undefined,
    item: undefined,
    paused: false,
    agoMs: undefined,
    help: false,
    link: { state: 'live' },
    silentMs: undefined,
    origin: 'myhost (127.0.0.1:4410)',
    notice: undefined,
    nowMs: 0,
    ...more,
  };
}

function drawn(view: View, width = 80, height = 24): string[] {
  const grid = new Grid(width, height);
  drawScreen(grid, view);
  return grid.rows();
}

function textOf(view: View, width?: number, height?: number): string {
  return drawn(view, width, height).join('\n');
}

/** The snapshot with what a case needs to be different. */
function changed(tick: number, change: (snapshot: Snapshot) => void): Snapshot {
  const snapshot = wholeSnapshot(tick);
  change(snapshot);
  return snapshot;
}

const STEADY = [wholeSnapshot(1), wholeSnapshot(2), wholeSnapshot(3)];

describe('80 by 24', () => {
  const text = textOf(viewOf(STEADY));

  test.each([
    ['who and when', /^hzstat myhost \(127\.0\.0\.1:4410\), every 100ms +LIVE 10:00:00\.3 UTC/],
    ['cpu usage', /^CPU +usage +43\.5 % /m],
    ['time by kind', /█user {2}20\.0 ▓sys {2}10\.0 ▚irq {3}4\.0 ░wait {3}6\.5 ▄nice {3}1\.5 ×steal {2}8\.0/],
    ['load, frequency, temperature', /load 1\.25 2\.50 3\.75 .*2400 MHz {2}temp 67 °C/],
    ['memory', /^MEMORY +used +50\.0 %.*8\.00 GiB of 16\.0 GiB/m],
    ['swap', /swap +25\.0 %.*1\.00 GiB of 4\.00 GiB/],
    ['network', /^NETWORK +in +3\.00 MiB\/s.*\n.*out +2\.00 MiB\/s/m],
    ['the first interface', /eth0\* +in 3\.00 MiB\/s out 2\.00 MiB\/s/],
    ['disk', /^DISK +read +4\.00 MiB\/s.*\n.*write +5\.00 MiB\/s/m],
    ['the first device', /nvme0n1\* +rd 4\.00 MiB\/s wr 5\.00 MiB\/s busy 75\.0 % lat 0\.4\/- ms/],
    ['the first partition', /^.{9}\/ +50\.0 %.*50\.0 GiB used, 50\.0 GiB free/m],
    ['paging', /^PAGING +faults +36\.2k\/s/m],
    ['instructions per cycle', /^PERF +IPC +1\.80 /m],
    ['pressure', /^PRESSURE cpu +12\.5 %/m],
    ['switches', /^IRQ +switches +5\.00k\/s/m],
    ['own cost', /^HZSTAT +own cpu +1\.5 %/m],
    ['lateness and missed ticks', /late 0\.25 ms {2}missed 2 ticks {2}memory 80\.0 MiB {2}history on/],
    ['what was left out', /\+\d more/],
    ['the keys', /q quit {2}p pause/],
  ])('shows %s', (_what, pattern) => {
    expect(text).toMatch(pattern);
  });
});

describe('at any size', () => {
  const sizes = [
    [1, 1],
    [2, 60],
    [20, 5],
    [40, 12],
    [60, 20],
    [80, 24],
    [120, 40],
    [142, 30],
    [200, 50],
    [214, 20],
    [400, 120],
  ] as const;

  test.each(sizes)('%d by %d is filled without a character beyond an edge', (width, height) => {
    for (const glyphs of [BLOCK_GLYPHS, ASCII_GLYPHS]) {
      for (const cores of [1, 4, 24, 128, 1_024]) {
        for (const shape of ['fitting', 'bars', 'strip'] as const) {
          const view = viewOf([wholeSnapshot(1, cores), wholeSnapshot(2, cores)], { glyphs, cores: shape });
          const screen = new TestScreen(width, height);
          const grid = new Grid(width, height);
          drawScreen(grid, view);
          screen.write(new Painter(true).paint(grid));
          expect(screen.rows).toEqual(grid.rows());
        }
      }
    }
  });

  test('a larger terminal shows more', () => {
    const text = textOf(viewOf(STEADY), 200, 50);
    for (const pattern of [
      /eth1\*.*! 12 lost/,
      /loop0/,
      / lo +in/,
      /dirty 5\.00 MiB/,
      /branch 2\.5 %/,
      /timer +250\/s/,
    ]) {
      expect(text).toMatch(pattern);
    }
    expect(text).not.toMatch(/more|no room/);
  });

  test('a smaller one says what it has no room for', () => {
    expect(textOf(viewOf(STEADY), 100, 9)).toMatch(/no room for .*PAGING/);
  });

  test('ASCII is all there is where there is nothing else', () => {
    expect(textOf(viewOf(STEADY, { glyphs: ASCII_GLYPHS }), 200, 50)).toMatch(/^[\n -~]+$/);
  });
});

describe('cores', () => {
  test('many are one strip, with the busiest in words', () => {
    const view = viewOf([wholeSnapshot(1, 128)]);
    const text = textOf(view, 200, 50);
    expect(text).toMatch(/128 cores /);
    expect(text).toMatch(/busiest: core 101 at 0 %|busiest: core \d+ at 100 %, \d+ at 90 % or more/);
  });

  test('or bars, when asked for', () => {
    const text = textOf(viewOf([wholeSnapshot(1, 128)], { cores: 'bars', focus: 'CPU' }), 120, 40);
    for (const core of [0, 64, 127])
      expect(text).toMatch(new RegExp(`\\b${core}▕.*▏ *${(core * 13) % 101}%`));
  });

  test('one that is offline is not one that is idle', () => {
    const view = (cores: View['cores']): View =>
      viewOf([changed(1, ({ cpu }) => cpu!.per_core.splice(2, 1, null))], { cores });
    expect(textOf(view('bars'))).toMatch(/ 2 offline/);
    expect(textOf(view('strip'), 200, 50)).toMatch(/1 offline \(x\)/);
  });
});

describe('what is missing says so, and why', () => {
  test.each([
    [
      'no sensor',
      changed(1, ({ cpu }) => Object.assign(cpu!, { temperature_celsius: null })),
      /temp N\/A: no sensor/,
    ],
    [
      'no swap',
      changed(1, ({ memory }) => Object.assign(memory!, { swap_total_bytes: 0 })),
      /swap +N\/A: there is none/,
    ],
    [
      'no second reading yet',
      changed(1, ({ network }) => delete network!.bytes_recv_per_sec),
      /^NETWORK +in +N\/A +not known yet/m,
    ],
    [
      'a collector that failed',
      changed(1, (snapshot) => {
        delete snapshot.disk;
        snapshot.sampling.collectors.disk = {
          state: 'failed',
          code: 'SOURCE_MISSING',
          message: 'no diskstats',
        };
      }),
      /^DISK +N\/A: failed: no diskstats/m,
    ],
    [
      'a collector that is switched off',
      changed(1, (snapshot) => {
        delete snapshot.memory;
        snapshot.sampling.collectors.memory = { state: 'disabled' };
      }),
      /^MEMORY +N\/A: switched off/m,
    ],
    [
      'hardware counters that are withheld',
      changed(1, ({ perf_events }) => {
        Object.assign(perf_events!, {
          available: false,
          events: { 'context-switches': { value: 500, unit: null } },
          unsupported_events: ['cycles', 'instructions'],
          error: 'this is a virtual machine',
        });
      }),
      /IPC +N\/A: cycles is not supported by this host\n +Hardware Performance Counters Unavailable: this is a virtual machine\n +context-switches 5\.00k\/s/,
    ],
    [
      'a file system that does not answer',
      changed(1, ({ disk }) => Object.assign(disk!, { partitions_stuck: ['/mnt/dead'] })),
      /! does not answer: \/mnt\/dead/,
    ],
    [
      'a history that fails',
      changed(1, ({ sampling }) => {
        sampling.history = { state: 'failing', lost_snapshots: 3, message: 'no space left' };
      }),
      /history ! failing[\s\S]*! history: no space left/,
    ],
  ])('%s', (_what, snapshot, pattern) => {
    expect(textOf(viewOf([snapshot]), 100, 60)).toMatch(pattern);
  });

  test('a collector that the sampler does not have has no panel', () => {
    const text = textOf(
      viewOf([
        changed(1, (snapshot) => delete snapshot.sampling.collectors.pressure && delete snapshot.pressure),
      ]),
    );
    expect(text).not.toContain('PRESSURE');
  });

  test('a nearly full file system is marked besides its colour', () => {
    expect(textOf(viewOf(STEADY), 120, 50)).toMatch(/\/var\/lib\/a-directory-w… +! +95\.0 %/);
  });
});

test('a budget that made the interval longer is said, with the reason', () => {
  const slowed = changed(1, ({ sampling }) => {
    sampling.interval_ms = 200;
    sampling.budget = { limit_percent: 2, asked_interval_ms: 100, changes: 1, message: '3 % is too much' };
  });
  expect(textOf(viewOf([slowed]), 120, 60)).toMatch(
    /budget 2 %[\s\S]*! not every 100ms as asked: 3 % is too much/,
  );
});

test('a collector of the user has a panel of its figures', () => {
  const snapshot = changed(1, (whole) => {
    whole.sampling.collectors.entropy = { state: 'ok', lateness_ms: 0, duration_ms: 0, missed_ticks: 0 };
    Object.assign(whole, { entropy: { available_bits: 256, pool: { size: 4096, drained: null } } });
  });
  expect(textOf(viewOf([snapshot]), 120, 60)).toMatch(
    /^ENTROPY +available_bits 256 {2}pool\.size 4096 {2}pool\.drained N\/A/m,
  );
});

describe('a late collector', () => {
  const late = (tick: number): Snapshot =>
    changed(tick, (snapshot) => {
      delete snapshot.network;
      snapshot.sampling.collectors.network = { state: 'late', missed_ticks: tick };
    });

  test('keeps its last answer for a moment, marked as late', () => {
    const text = textOf(viewOf([wholeSnapshot(1), late(2)]));
    expect(text).toMatch(/^NETWORK! in +3\.00 MiB\/s/m);
    expect(text).toMatch(/! network does not answer/);
  });

  test('is not pretended to answer for longer', () => {
    expect(textOf(viewOf([wholeSnapshot(1), late(40)]))).toMatch(
      /^NETWORK +N\/A: does not answer \(40 ticks missed\)/m,
    );
  });

  test('leaves a gap in the chart', () => {
    const rows = drawn(viewOf([wholeSnapshot(1), late(2), wholeSnapshot(3)]));
    expect(rows.find((row) => row.startsWith('NETWORK'))).toMatch(/█ █ peak/);
  });
});

describe('the connection', () => {
  test('that is lost is said, with the reason and the time until the next attempt', () => {
    const link = { state: 'lost', reason: 'connection refused', retryAtMs: 3_500 } as const;
    const rows = drawn(viewOf(STEADY, { link, nowMs: 1_000 }));
    expect(rows[0]).toMatch(/CONNECTION LOST, next try in 3 s/);
    expect(rows.at(-1)).toMatch(/connection refused/);
  });

  test('that stands while nothing comes is said', () => {
    expect(drawn(viewOf(STEADY, { silentMs: 4_200 }))[0]).toMatch(/SILENT for 4 s/);
  });

  test('pausing is said', () => {
    expect(drawn(viewOf(STEADY, { paused: true }))[0]).toMatch(/PAUSED/);
  });

  test('before the first snapshot there is no figure', () => {
    expect(textOf(viewOf([]))).toMatch(/waiting for the first snapshot/);
  });
});

test('one panel alone has the whole screen', () => {
  const text = textOf(viewOf(STEADY, { focus: 'NETWORK' }));
  expect(text).toMatch(/eth0\*[\s\S]*eth1\*[\s\S]*lo /);
  expect(text).toMatch(/only NETWORK/);
  expect(text).not.toMatch(/^CPU/m);
});

test('help names every key and every sign', () => {
  const text = textOf(viewOf(STEADY, { help: true }));
  for (const word of ['quit', 'pause', 'every core', 'column', 'one panel', 'gap', 'N/A', 'estimate']) {
    expect(text).toContain(word);
  }
});

test('names from outside cannot steer the terminal', () => {
  const hostile = changed(1, ({ disk }) => {
    disk!.partitions = { '/mnt/\u001b[2J\u0007漢字': disk!.partitions['/']! };
  });
  const screen = new TestScreen(100, 40);
  const grid = new Grid(100, 40);
  drawScreen(grid, viewOf([hostile], { origin: 'ho\u001b]0;st' }));
  screen.write(new Painter(true).paint(grid));
  expect(screen.rows.join('\n')).toMatch(/\/mnt\/\?\[2J\?\?\?/);
});

describe('one alone', () => {
  const alone = (panel: string, name: string): string =>
    textOf(viewOf(STEADY, { focus: panel, item: { panel, name } }), 100, 40);

  test('an interface has its rates as charts, and its totals', () => {
    const text = alone('NETWORK', 'eth0');
    expect(text).toMatch(/^NETWORK +wire eth0 {2}since boot in/m);
    expect(text).toMatch(/^ +in +3\.00 MiB\/s.*peak 3\.00 MiB\/s/m);
    expect(text).toMatch(/^ +pkts out +/m);
    expect(text).not.toMatch(/ lo +in/);
    expect(text).toMatch(/only eth0,/);
  });

  test('a disk has latencies and how busy it is', () => {
    const text = alone('DISK', 'nvme0n1');
    expect(text).toMatch(/whole disk nvme0n1/);
    expect(text).toMatch(/^ +busy +75\.0 %/m);
    expect(text).toMatch(/^ +read lat +0\.4/m);
  });

  test('a file system has how full it was', () => {
    const text = alone('DISK', '/');
    expect(text).toMatch(/mounted at \/ {2}on \S+ {2}as \S+/);
    expect(text).toMatch(/^ +over time +50\.0 %/m);
  });

  test('one that is not there at this moment says so', () => {
    expect(alone('NETWORK', 'wlan9')).toMatch(/N\/A: there is no wlan9 at this moment/);
  });
});

describe('what is pointed at', () => {
  const hits = new Hits<Target>();
  const grid = new Grid(80, 24);
  drawScreen(grid, viewOf(STEADY), hits);
  const rows = grid.rows();
  const at = (text: string): Target | undefined => {
    const y = rows.findIndex((row) => row.includes(text));
    return hits.at(rows[y]!.indexOf(text), y);
  };

  test.each<[string, Target]>([
    ['MEMORY', { kind: 'panel', panel: 'MEMORY' }],
    ['eth0*', { kind: 'item', item: { panel: 'NETWORK', name: 'eth0' } }],
    ['nvme0n1*', { kind: 'item', item: { panel: 'DISK', name: 'nvme0n1' } }],
    ['w window', { kind: 'key', key: { name: 'w', sequence: 'w' } }],
    ['LIVE', { kind: 'key', key: { name: 'p', sequence: 'p' } }],
  ])('is what stands there: %s', (text, target) => {
    expect(at(text)).toEqual(target);
  });
});

describe('the past', () => {
  test('says how long ago it was, and how much is kept', () => {
    const text = textOf(viewOf(STEADY, { paused: true, agoMs: 12_340 }), 120, 30);
    expect(text).toMatch(/^hzstat .* 12\.3 s AGO 10:00:00\.3 UTC$/m);
    expect(text).toMatch(/kept: 0\.2 s/);
    expect(textOf(viewOf(STEADY, { paused: true, agoMs: 192_000 }))).toMatch(/ 3 min 12 s AGO /);
  });
});

test('at 200 by 60 every column is used to its last line but one', () => {
  const rows = drawn(viewOf(STEADY), 200, 60);
  for (const [left, right] of [
    [0, 99],
    [101, 200],
  ] as const) {
    const last = rows.slice(1, -1).findLastIndex((row) => row.slice(left, right).trim() !== '');
    expect(last).toBeGreaterThanOrEqual(56);
  }
});

test('help is whole in the smallest terminal', () => {
  const rows = drawn(viewOf(STEADY, { help: true }));
  expect(rows.at(-2)).toMatch(/N\/A/);
  for (const word of ['the next, all', 'before', 'hold Shift)', 'in time', ', and .'])
    expect(rows.join('\n')).toContain(word);
});

describe('incidents', () => {
  const incident = (
    id: string,
    began: string,
    ended: string | null,
    who: string | null = null,
  ): Incident => ({
    id,
    watch: 'cpu-busy',
    field: 'cpu.usage_percent',
    threshold: 90,
    began,
    ended,
    peak: 99,
    peak_at: began,
    message: `cpu.usage_percent was 99 (${id})`,
    who,
  });
  const incidents = [
    incident('later', '2026-01-05T11:00:00.000000Z', null),
    incident('going on', '2026-01-05T10:00:00.100000Z', null, 'stress'),
    incident('over', '2026-01-05T09:59:00.000000Z', '2026-01-05T09:59:12.500000Z'),
    incident('long over', '2026-01-05T09:00:00.000000Z', '2026-01-05T09:01:00.000000Z'),
  ];

  test('of the last minutes stand first, with how long they lasted and who did it', () => {
    const rows = drawn(viewOf(STEADY, { incidents }), 120, 50);
    expect(rows[1]).toMatch(/^INCIDENT 10:00:00 ! goes on cpu-busy {2}stress$/);
    expect(rows[2]).toMatch(/^ +09:59:00 for 12\.5 s +cpu-busy {2}cpu\.usage_percent was 99 \(over\)$/);
    expect(rows.join('\n')).not.toMatch(/later|long over/);
  });

  test('take no room where there are none', () => {
    expect(textOf(viewOf(STEADY, { incidents: incidents.slice(-1) }))).not.toMatch(/INCIDENT/);
  });

  test('lead to their moment', () => {
    const hits = new Hits<Target>();
    drawScreen(new Grid(80, 24), viewOf(STEADY, { incidents }), hits);
    expect(hits.at(30, 1)).toEqual({ kind: 'moment', timestamp: '2026-01-05T10:00:00.100000Z' });
  });

  test('leave room for the rest in a small terminal', () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      incident(`i${index}`, '2026-01-05T10:00:00.100000Z', null),
    );
    const text = textOf(viewOf(STEADY, { incidents: many }));
    expect(text).toMatch(/^INCIDENT/m);
    for (const title of ['CPU', 'MEMORY', 'NETWORK', 'DISK', 'PAGING', 'HZSTAT'])
      expect(text).toContain(title);
  });
});
