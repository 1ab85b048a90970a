import type { Figures } from '../budget/verdict.ts';
import { figure, renderTable } from '../report/table.ts';
import { CORES } from './day.ts';
import type { DiskCost } from './disk.ts';
import type { Lateness, Punctuality } from './punctuality.ts';
import type { HistoryResult } from './run.ts';

/** What was measured under the names the budget knows. */
export function historyFigures(result: HistoryResult): Figures {
  const { questions, disk, recording, memory } = result;
  return new Map([
    ...questions.map((question): [string, number] => [`history.${question.figure}.cpu_ms`, question.cpuMs]),
    ['history.disk.idle_bytes_per_scalar', disk.idle.hour],
    ['history.disk.busy_bytes_per_scalar', disk.busy.hour],
    ...recording.map(({ hz, above, merging }): [string, number] => [
      `history.recording.${hz}hz.percent`,
      above + merging,
    ]),
    ['history.memory.above_mb', memory.above],
    ['history.memory.growth_mb', memory.growthAfter],
  ]);
}

export function historyTables(result: HistoryResult): string[] {
  const { punctuality } = result;
  const tables = [questionTable(result), recordingTable(result), diskTable(result)];
  return punctuality === undefined ? tables : [...tables, punctualityTable(punctuality)];
}

function questionTable({ questions, hours, snapshots, dayBytes }: HistoryResult): string {
  const size = `${hours} h at 10 Hz, ${CORES} cores: ${figure(snapshots)} snapshots, ${figure(dayBytes / 1e6)} MB`;
  return renderTable(
    [
      { heading: `question (${size})` },
      { heading: 'rows', numeric: true },
      { heading: 'CPU ms', numeric: true },
      { heading: 'answered after ms', numeric: true },
    ],
    questions.map(({ name, rows, cpuMs, answerMs }) => [name, `${rows}`, figure(cpuMs), figure(answerMs)]),
  );
}

function recordingTable({ recording, memory }: HistoryResult): string {
  return renderTable(
    [{ heading: 'recording' }, { heading: 'costs', numeric: true }],
    [
      ...recording.flatMap(({ hz, above, without, with: recording, merging }) => [
        [
          `CPU at ${hz} Hz: % of a core above not recording (${figure(recording)} against ${figure(without)})`,
          figure(above),
        ],
        [`CPU of the process that merges what was recorded at ${hz} Hz: % of a core`, figure(merging)],
      ]),
      [`memory after ${memory.minutes} minutes above not recording, MB`, figure(memory.above)],
      [`growth in the ${memory.minutes} minutes after, MB`, figure(memory.growthAfter)],
    ],
  );
}

function diskTable({ disk }: HistoryResult): string {
  const row = (name: string, cost: DiskCost): string[] => [
    name,
    ...[cost.scalarsPerSnapshot, cost.minute, cost.hour, cost.withRollups].map(figure),
  ];
  return renderTable(
    [
      { heading: 'disk, bytes a number' },
      { heading: 'numbers a snapshot', numeric: true },
      { heading: 'minutes', numeric: true },
      { heading: 'merged', numeric: true },
      { heading: 'with rollups', numeric: true },
    ],
    [row('this host as it is', disk.idle), row('this host under load', disk.busy)],
  );
}

function punctualityTable({ hz, sealing, between }: Punctuality): string {
  const row = (name: string, { ticks, p50, p99, missedPerMille }: Lateness): string[] => [
    name,
    `${ticks}`,
    ...[p50, p99, missedPerMille].map(figure),
  ];
  return renderTable(
    [
      { heading: `ticks at ${hz} Hz` },
      { heading: 'ticks', numeric: true },
      { heading: 'late p50 ms', numeric: true },
      { heading: 'p99 ms', numeric: true },
      { heading: 'missed ‰', numeric: true },
    ],
    [row('while a minute is sealed', sealing), row('between', between)],
  );
}
