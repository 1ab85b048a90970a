import { progress } from '../report/progress.ts';
import { writeDay } from './day.ts';
import { type DiskCost, measureDisk } from './disk.ts';
import { type MemoryCost, measureMemory } from './memory.ts';
import { measurePunctuality, type Punctuality } from './punctuality.ts';
import { askQuestions, type QuestionCost } from './questions.ts';
import { recordHost } from './recording.ts';
import { measureRecording, type RecordingCost } from './recording_cost.ts';

/** How much of everything. */
export interface Plan {
  readonly recordedSeconds: number;
  readonly hours: number;
  readonly recording: readonly { readonly hz: number; readonly windows: number }[];
  readonly punctualityMinutes: number;
  readonly memoryMinutes: number;
}

export const FULL: Plan = {
  recordedSeconds: 300,
  hours: 24,
  recording: [
    { hz: 10, windows: 2 },
    { hz: 1_000, windows: 3 },
  ],
  punctualityMinutes: 4,
  memoryMinutes: 60,
};

/** What CI has time for, and can tell in spite of noise. */
export const SHORT: Plan = {
  recordedSeconds: 20,
  hours: 2,
  recording: [],
  punctualityMinutes: 0,
  memoryMinutes: 10,
};

export interface HistoryResult {
  readonly hours: number;
  readonly snapshots: number;
  readonly dayBytes: number;
  readonly questions: readonly QuestionCost[];
  readonly disk: { readonly idle: DiskCost; readonly busy: DiskCost };
  readonly recording: readonly RecordingCost[];
  readonly punctuality: Punctuality | undefined;
  readonly memory: MemoryCost;
}

const US_PER_HOUR = 3.6e9;

/** Measures one thing after the other; everything it writes is in the directory. */
export async function measureHistory(directory: string, plan: Plan): Promise<HistoryResult> {
  const recordings = await recordHost(directory, plan.recordedSeconds);
  const day = await writeDay(directory, recordings, plan.hours);
  progress('asking questions');
  const questions = await askQuestions(day);
  const disk = {
    idle: await measureDisk(directory, recordings.idle),
    busy: await measureDisk(directory, recordings.busy),
  };
  const memory = await measureMemory(directory, recordings, plan.memoryMinutes);
  const recording: RecordingCost[] = [];
  for (const { hz, windows } of plan.recording) {
    const cost = await measureRecording(hz, windows);
    // Where there are whole hours, a few windows need not stand for them.
    const whole = hz === day.hz && day.mergingUs !== undefined;
    recording.push(whole ? { ...cost, merging: (100 * day.mergingUs) / US_PER_HOUR } : cost);
  }
  return {
    hours: plan.hours,
    snapshots: day.snapshots,
    dayBytes: day.segments.reduce((sum, { bytes }) => sum + bytes, 0),
    questions,
    disk,
    recording,
    punctuality:
      plan.punctualityMinutes === 0 ? undefined : await measurePunctuality(plan.punctualityMinutes),
    memory,
  };
}
