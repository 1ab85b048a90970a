import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { HzstatError } from '../base/errors.ts';
import type { CollectorOptions, ModuleAnswer } from '../handover/messages.ts';

const ENTRY = createRequire(import.meta.url).resolve('#custom-check-entry');

/** A module that takes longer than this to load is taken for one that never will. */
const LONGEST_LOAD_MS = 10_000;
/** Every collector has a thread, and the pool has 64. */
const MOST_MODULES = 32;

/** A module of the user's, and what its collector is called. */
export interface CustomModule {
  readonly name: string;
  readonly url: string;
}

/**
 * Finds out in processes of their own what the collectors of these modules are called.
 *
 * @throws HzstatError COLLECTOR_BAD_MODULE, or COLLECTOR_DUPLICATE when a name is taken
 */
export async function checkModules(
  urls: readonly string[],
  options: CollectorOptions,
): Promise<CustomModule[]> {
  if (urls.length > MOST_MODULES) {
    throw new HzstatError('COLLECTOR_BAD_MODULE', `there are more than ${MOST_MODULES} collectors by path`);
  }
  const modules = await Promise.all(
    urls.map(async (url) => ({ url, name: await collectorName(url, options) })),
  );
  for (const [index, { name, url }] of modules.entries()) {
    const first = modules.findIndex((module) => module.name === name);
    if (first === index) continue;
    const message = `${modules[first]!.url} and ${url} both name their collector ${name}`;
    throw new HzstatError('COLLECTOR_DUPLICATE', readable(message));
  }
  return modules;
}

function collectorName(url: string, options: CollectorOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = fork(ENTRY, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    let answer: ModuleAnswer | undefined;
    let late = false;
    const impatience = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, LONGEST_LOAD_MS);
    child.once('message', (message: ModuleAnswer) => {
      answer = message;
    });
    child.once('error', (error) => reject(failure(`${url} cannot be checked: ${error.message}`)));
    child.once('exit', (code, signal) => {
      clearTimeout(impatience);
      if (answer?.ok) resolve(answer.name);
      else if (answer !== undefined) reject(new HzstatError(answer.code, readable(answer.message)));
      else if (late) reject(failure(`${url} did not load within ${LONGEST_LOAD_MS / 1_000} s`));
      else reject(failure(`${url} ended the process that loaded it (${signal ?? `exit code ${code}`})`));
    });
    child.send({ url, options });
  });
}

function failure(message: string): HzstatError {
  return new HzstatError('COLLECTOR_BAD_MODULE', readable(message));
}

/** The path as the user knows it. */
function readable(message: string): string {
  return message.replaceAll(/file:\/\/\S+/g, (url) => {
    try {
      return fileURLToPath(url);
    } catch {
      return url;
    }
  });
}
