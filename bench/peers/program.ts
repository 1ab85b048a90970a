import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { MeasuredProcess } from '../processes/measured_process.ts';

/** Where daemons live that are not on everybody's path. */
const MORE_PLACES = [
  '/usr/sbin',
  '/usr/lib/sysstat',
  '/usr/lib64/sa',
  '/usr/lib/pcp/bin',
  '/usr/libexec/pcp/bin',
];

/** The path of a program of this machine, or undefined. */
export function findProgram(name: string): string | undefined {
  const places = [...(process.env.PATH ?? '').split(delimiter), ...MORE_PLACES];
  return places.map((place) => join(place, name)).find(isExecutable);
}

/** Why a peer cannot run here: the first of its programs that is not installed. */
export function missingProgram(debianPackage: string, names: readonly string[]): string | undefined {
  const missing = names.find((name) => findProgram(name) === undefined);
  return missing === undefined ? undefined : `${missing} is not installed (Debian package ${debianPackage})`;
}

/** Starts a program found before, and makes sure it does not outlive the benchmark. */
export function launch(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): MeasuredProcess {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  const child: ChildProcess = spawn(path, args, { stdio: 'ignore', env: { ...process.env, ...env } });
  return new MeasuredProcess(child);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
