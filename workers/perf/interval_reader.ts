import type { PerfEventData } from '../../src/model/snapshot.ts';
import { type PerfFormat, parsePerfLine } from '../parse/perf_stat.ts';
import { eventName } from './event_list.ts';

/** What perf counted in one of its intervals. */
export interface PerfInterval {
  /** Seconds since perf started at the end of the interval, as printed. */
  sampleTime: string;
  /** From the end of the interval before. */
  elapsedMs: number;
  events: Record<string, PerfEventData>;
  unsupported: string[];
  userOnly: boolean;
}

/** A line this long without an end is not perf's. */
const LONGEST_LINE = 64 * 1024;

/**
 * Puts the lines perf prints together to intervals. perf prints all lines of an interval at once; an interval is
 * complete when it has as many lines as the one before, or at the latest when a line of the next one comes. The
 * last interval, which perf cuts short when it is stopped, is recognised by its `elapsedMs`.
 */
export class IntervalReader {
  readonly #format: PerfFormat;
  readonly #onInterval: (interval: PerfInterval) => void;
  #rest = '';
  #current: PerfInterval | undefined;
  #lines = 0;
  #expectedLines: number;
  #delivered = false;
  #previousTime = 0;
  /** Lines that were neither an event nor meant to be none. */
  unreadableLines = 0;

  constructor(format: PerfFormat, expectedLines: number, onInterval: (interval: PerfInterval) => void) {
    this.#format = format;
    this.#expectedLines = expectedLines;
    this.#onInterval = onInterval;
  }

  /** Takes output as it comes, in pieces of any length. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
    for (const line of lines) this.#line(line);
  }

  /** Delivers the interval under way, of which no more lines will come. */
  end(): void {
    this.#deliver();
  }

  #line(line: string): void {
    const parsed = parsePerfLine(line, this.#format);
    if (parsed === undefined) {
      if (line.trim() !== '' && !line.startsWith('#')) this.unreadableLines++;
      return;
    }
    const name = eventName(parsed.event);
    if (name === undefined) return;
    const time = parsed.time ?? '0';
    if (this.#current?.sampleTime !== time) {
      // Time that runs backwards is garbage between the lines.
      if (Number(time) < this.#previousTime || Number(time) < Number(this.#current?.sampleTime ?? 0)) {
        this.unreadableLines++;
        return;
      }
      this.#begin(time);
    }
    this.#lines++;
    this.#add(this.#current!, name.name, name.userOnly, parsed);
    if (this.#lines >= this.#expectedLines) this.#deliver();
  }

  #begin(time: string): void {
    if (this.#current !== undefined) {
      // More lines than expected came late, or fewer came at all: the next interval will have as many.
      this.#expectedLines = this.#lines;
      this.#deliver();
      this.#previousTime = Number(this.#current.sampleTime);
    }
    const elapsedMs = Math.round((Number(time) - this.#previousTime) * 1e6) / 1e3;
    this.#current = { sampleTime: time, elapsedMs, events: {}, unsupported: [], userOnly: false };
    this.#lines = 0;
    this.#delivered = false;
  }

  #add(
    interval: PerfInterval,
    name: string,
    userOnly: boolean,
    line: NonNullable<ReturnType<typeof parsePerfLine>>,
  ): void {
    if (userOnly) interval.userOnly = true;
    if (line.value === 'not supported') {
      if (interval.events[name] === undefined && !interval.unsupported.includes(name)) {
        interval.unsupported.push(name);
      }
      return;
    }
    // Another kind of core counts it, if this one does not.
    if (interval.unsupported.length > 0) {
      interval.unsupported = interval.unsupported.filter((other) => other !== name);
    }
    const value = line.value === 'not counted' ? null : line.value;
    const sofar = interval.events[name];
    if (sofar === undefined) {
      interval.events[name] = { value, total: null, unit: line.unit };
      if (line.runningPercent !== undefined) interval.events[name].running_percent = line.runningPercent;
      return;
    }
    if (value !== null) sofar.value = (sofar.value ?? 0) + value;
    const { running_percent: running } = sofar;
    if (running !== undefined && line.runningPercent !== undefined) {
      sofar.running_percent = Math.min(running, line.runningPercent);
    }
  }

  #deliver(): void {
    if (this.#current === undefined || this.#delivered) return;
    this.#delivered = true;
    this.#onInterval(this.#current);
  }
}
