import { Console } from 'node:console';
import { errorMessage, HzstatError } from '../../src/base/errors.ts';
import type { CollectorOptions } from '../../src/handover/messages.ts';
import { isCollectorName } from '../../src/model/collectors.ts';
import type { Collector, CollectorHost } from './collector.ts';

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
/** What a snapshot or a command line means something else by. */
const RESERVED: readonly string[] = [
  // Keys of a frame that are its own.
  'type',
  'sequence',
  'timestamp',
  'sampling',
  'minimum',
  'maximum',
  // Words of --collectors.
  'all',
  'default',
];
const LONGEST_MESSAGE = 300;

/**
 * Loads a module of the user's and makes the collector it exports.
 *
 * @throws HzstatError COLLECTOR_BAD_MODULE, or COLLECTOR_DUPLICATE for the name of a built-in collector
 */
export async function loadCollector(url: string, { rootfs }: CollectorOptions): Promise<Collector> {
  // What a module prints for its author must not get between the lines of a command's output.
  globalThis.console = new Console(process.stderr, process.stderr);
  const loaded = await import(url).catch((error: unknown) => {
    throw bad(url, `cannot be loaded: ${firstLine(error)}`);
  });
  const made: unknown = await makeCollector(url, loaded.default, { rootfs });
  requireCollector(url, made);
  return made;
}

async function makeCollector(url: string, exported: unknown, host: CollectorHost): Promise<unknown> {
  if (typeof exported !== 'function') {
    throw bad(url, 'has no default export that is a class or a function');
  }
  try {
    // What has a prototype can be constructed; a plain function that returns an object returns it then, too.
    return await (exported.prototype === undefined
      ? Reflect.apply(exported, undefined, [host])
      : Reflect.construct(exported, [host]));
  } catch (error) {
    throw bad(url, `cannot make its collector: ${firstLine(error)}`);
  }
}

function requireCollector(url: string, value: unknown): asserts value is Collector {
  if (typeof value !== 'object' || value === null) throw bad(url, 'does not make an object');
  const name: unknown = Reflect.get(value, 'name');
  if (typeof name !== 'string' || !NAME.test(name) || RESERVED.includes(name)) {
    const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : `a ${typeof name}`;
    throw bad(
      url,
      `names its collector ${shown}: a name is a lower-case letter followed by letters, digits and underscores, and none of ${RESERVED.join(', ')}`,
    );
  }
  if (isCollectorName(name)) {
    throw new HzstatError(
      'COLLECTOR_DUPLICATE',
      `${url} names its collector ${name}, as a built-in one is called: choose another name`,
    );
  }
  if (typeof Reflect.get(value, 'collect') !== 'function')
    throw bad(url, 'makes an object without collect()');
  for (const method of ['start', 'reset', 'close']) {
    const given: unknown = Reflect.get(value, method);
    if (given !== undefined && typeof given !== 'function') {
      throw bad(url, `makes an object whose ${method} is no function`);
    }
  }
}

/** What an error of the user's says, in a length one can read. */
export function firstLine(error: unknown): string {
  return (errorMessage(error).split('\n', 1)[0] ?? '').slice(0, LONGEST_MESSAGE);
}

function bad(url: string, what: string): HzstatError {
  return new HzstatError('COLLECTOR_BAD_MODULE', `${url} ${what}`);
}
