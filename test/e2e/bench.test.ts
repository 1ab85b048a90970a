import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import type { RateCost } from '../../src/cli/findings/rate_cost.ts';
import { MAIN } from '../support/server.ts';

interface Answer {
  budget_percent: number | null;
  rates: RateCost[];
  highest_hz: number | null;
}

const temporary = mkdtempSync(join(tmpdir(), 'hzstat-bench-test-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

function bench(...args: string[]) {
  const env = { ...process.env, TMPDIR: temporary };
  return spawnSync(process.execPath, [MAIN, 'bench', ...args], { encoding: 'utf8', env });
}

describe('the bench command', () => {
  const { status, stdout, stderr } = bench('--rates', '20,500', '--budget', '100000%', '--json');

  test('measures each rate, and a higher one costs more', () => {
    expect(status, stderr).toBe(0);
    const { rates }: Answer = JSON.parse(stdout);
    expect(rates.map(({ hz }) => hz)).toEqual([20, 500]);
    const [slow, fast] = rates;
    for (const { cpu_us_per_snapshot, snapshots } of rates) {
      expect(cpu_us_per_snapshot).toBeGreaterThan(10);
      expect(snapshots).toBeGreaterThan(5);
    }
    expect(fast!.core_percent).toBeGreaterThan(slow!.core_percent);
  });

  test('names a rate that fits only if it does', () => {
    const { rates, highest_hz, budget_percent }: Answer = JSON.parse(stdout);
    expect(budget_percent).toBe(100_000);
    const punctual = rates.filter(({ missed_percent }) => missed_percent <= 1).map(({ hz }) => hz);
    expect(highest_hz).toBe(punctual.at(-1) ?? null);
  });

  test('says on stderr how far it is', () => {
    expect(stderr).toMatch(/warming up; 2 rates to go\n500 Hz: .* % of a core\n20 Hz: /);
  });

  test('leaves nothing behind', () => {
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('leaves nothing behind when interrupted, and ends by the signal', async () => {
    const env = { ...process.env, TMPDIR: temporary };
    const child = spawn(process.execPath, [MAIN, 'bench', '--rates', '20,500,1000'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = once(child, 'exit');
    // Something has been recorded by now, and is being so.
    for await (const line of createInterface({ input: child.stderr })) if (line.startsWith('1000 Hz')) break;
    child.kill('SIGINT');
    expect(await exited).toEqual([null, 'SIGINT']);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('prints a table and a sentence for people', () => {
    const plain = bench('--rates', '50', '--budget', '0.001%', '--no-history', '--collectors', 'memory');
    expect(plain.stdout).toMatch(/^rate .*--interval .*fits\n/);
    expect(plain.stdout).toMatch(/\n50 Hz +20ms +\d+.* no\n/);
    expect(plain.stdout).toContain('None of these rates stays within 0.001 % of a core');
  });

  test('refuses rates it cannot run', () => {
    const refused = bench('--rates', '5000');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/write 1,10,100/);
  });
});
