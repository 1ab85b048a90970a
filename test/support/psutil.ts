import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { skipUnless } from './skip.ts';

const PYTHON = '/usr/bin/python3';

/** For `test.skipIf`: true, with the reason printed, where Debian's python3-psutil is not installed. */
export const withoutPsutil = skipUnless(
  "Debian's python3-psutil",
  spawnSync(PYTHON, ['-c', 'import psutil']).status === 0,
);

/** What an expression of psutil's is at this moment. */
export function psutil<T>(expression: string): T {
  const script = `import json, psutil; print(json.dumps(${expression}))`;
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', script], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const value: T = JSON.parse(stdout);
  return value;
}

/** What psutil says of the time between two moments: first `before` is called, then `after`, each beside psutil. */
export async function psutilBetween<T>(
  expression: string,
  before: () => void,
  after: () => Promise<void>,
): Promise<T> {
  const script = [
    'import json, psutil, sys',
    `${expression}`,
    'print("ready", flush=True)',
    'sys.stdin.readline()',
    `print(json.dumps(${expression}), flush=True)`,
  ].join('\n');
  const python = spawn(PYTHON, ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: python.stdout });
  await once(lines, 'line');
  before();
  await after();
  python.stdin.write('\n');
  const [line]: string[] = await once(lines, 'line');
  const value: T = JSON.parse(line!);
  return value;
}
