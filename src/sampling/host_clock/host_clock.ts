import { execFile } from 'node:child_process';
import { systemErrorCode } from '../../base/errors.ts';
import type { Sampling } from '../../model/snapshot.ts';
import { CLOCK_KEEPERS, type ClockKeeper } from './clock_keepers.ts';

const ASK_EVERY_MS = 60_000;
/** Where nobody keeps the clock somebody may begin to. */
const LOOK_EVERY_MS = 600_000;
const ANSWER_WITHIN_MS = 2_000;

type ClockReport = Pick<Sampling, 'clock' | 'clock_message'>;

/** Asks whoever keeps the clock of this host how far off it is, once a minute; nobody waits for the answer. */
export class HostClock {
  #report: ClockReport | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor() {
    void this.#ask();
  }

  /** What is known; undefined until somebody has answered. */
  get report(): ClockReport | undefined {
    return this.#report;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    this.#report = await clockReport();
    if (this.#isClosed) return;
    const nextMs = this.#report.clock === null ? LOOK_EVERY_MS : ASK_EVERY_MS;
    this.#timer = setTimeout(() => void this.#ask(), nextMs);
    this.#timer.unref();
  }
}

/** How far off the clock is, as the first says who knows, or why nobody does. */
export async function clockReport(keepers: readonly ClockKeeper[] = CLOCK_KEEPERS): Promise<ClockReport> {
  const reasons: string[] = [];
  for (const { command, args, parse } of keepers) {
    const { text, failure } = await output(command, args);
    const clock = failure === undefined ? parse(text) : undefined;
    if (clock !== undefined) return { clock };
    reasons.push(`${command}: ${failure ?? 'keeps no clock'}`);
  }
  return { clock: null, clock_message: `nobody says how far off the clock is (${reasons.join('; ')})` };
}

function output(command: string, args: readonly string[]): Promise<{ text: string; failure?: string }> {
  return new Promise((resolve) => {
    const options = { timeout: ANSWER_WITHIN_MS, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ text: stdout });
      else resolve({ text: '', failure: failureOf(error, stderr || stdout) });
    });
  });
}

function failureOf(error: Error & { killed?: boolean }, said: string): string {
  if (systemErrorCode(error) === 'ENOENT') return 'not installed';
  if (error.killed === true) return 'does not answer';
  const [line = ''] = said.trim().split('\n');
  return line === '' ? 'fails' : line;
}
