import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidArgumentError, Option } from 'commander';
import { errorMessage, HzstatError } from '../../base/errors.ts';
import { noSuch } from '../../base/nearest.ts';
import { parseBytes, parseDurationMs } from '../../base/units.ts';
import { DEFAULT_URL } from '../../client/endpoint.ts';
import {
  COLLECTOR_NAMES,
  type CollectorName,
  DEFAULT_COLLECTORS,
  EXTRA_COLLECTORS,
  isCollectorName,
} from '../../model/collectors.ts';
import type { Address } from '../../server/engine/engine.ts';
import { ENGINE_CHOICES } from '../../server/engines/load_engine.ts';
import { Setting } from './setting.ts';

const SHORTEST_INTERVAL_MS = 1;
const LONGEST_INTERVAL_MS = 3_600_000;
const COLLECTOR_WORDS = ['default', 'all', ...COLLECTOR_NAMES];
const COLLECTORS_HELP = `which collectors run, separated by commas: default (${DEFAULT_COLLECTORS.join(', ')}), ${EXTRA_COLLECTORS.join(', ')}, or all`;

/** Wraps a parser, because commander wants its own kind of error. */
export function argument<T>(parse: (text: string, before?: T) => T): (text: string, before?: T) => T {
  return (text, before) => {
    try {
      return parse(text, before);
    } catch (error) {
      throw new InvalidArgumentError(errorMessage(error));
    }
  };
}

/** A duration such as `100ms`, in milliseconds, between 1ms and 1h. @throws HzstatError BAD_FLAG */
export function parseInterval(text: string): number {
  const ms = parseDurationMs(text);
  if (ms < SHORTEST_INTERVAL_MS || ms > LONGEST_INTERVAL_MS) {
    throw new HzstatError('BAD_FLAG', `"${text}" is out of range: an interval is between 1ms and 1h`);
  }
  return ms;
}

/** Names of built-in collectors; `default` and `all` stand for several. @throws HzstatError BAD_FLAG */
export function parseCollectors(text: string): CollectorName[] {
  const wanted = new Set<CollectorName>();
  for (const name of listOf(text)) {
    if (name === 'default') for (const each of DEFAULT_COLLECTORS) wanted.add(each);
    else if (name === 'all') for (const each of COLLECTOR_NAMES) wanted.add(each);
    else if (isCollectorName(name)) wanted.add(name);
    else throw new HzstatError('BAD_FLAG', noSuch('collector', name, COLLECTOR_WORDS));
  }
  return COLLECTOR_NAMES.filter((name) => wanted.has(name));
}

/**
 * The address of a module, which must be there; the addresses given so far come before it.
 *
 * @throws HzstatError BAD_FLAG
 */
export function parseModule(text: string, before: readonly string[] = []): string[] {
  const path = resolve(text);
  let found: boolean;
  try {
    found = statSync(path).isFile();
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new HzstatError('BAD_FLAG', `no collector can be loaded from ${path}: ${errorMessage(cause)}`, {
      cause,
    });
  }
  if (!found) throw new HzstatError('BAD_FLAG', `${path} is no file: give the path of a JavaScript module`);
  return [...before, pathToFileURL(path).href];
}

/** What stands between commas. */
export function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** `127.0.0.1:4410`, `[::1]:4410`, `:4410` for every address, or `unix:/run/hzstat.sock`. @throws HzstatError BAD_FLAG */
export function parseListen(text: string): Address {
  if (text.startsWith('unix:')) return { path: parseSocketPath(text.slice('unix:'.length)) };
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new HzstatError(
      'BAD_FLAG',
      `"${text}" is no address: write 127.0.0.1:4410, [::1]:4410 or unix:/run/hzstat.sock`,
    );
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
}

/** What the kernel takes for the path of a Unix socket. */
const LONGEST_SOCKET_PATH_BYTES = 107;

function parseSocketPath(text: string): string {
  const path = resolve(text);
  if (text === '' || Buffer.byteLength(path) > LONGEST_SOCKET_PATH_BYTES) {
    throw new HzstatError(
      'BAD_FLAG',
      `"unix:${text}" names no Unix socket: write unix:/run/hzstat.sock, at most ${LONGEST_SOCKET_PATH_BYTES} bytes`,
    );
  }
  return path;
}

/** `all`, or a list of CPU numbers and ranges such as `0-3,8`. @throws HzstatError BAD_FLAG */
export function parseCpuList(text: string): string {
  if (text !== 'all' && !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text)) {
    throw new HzstatError('BAD_FLAG', `"${text}" is no list of CPUs: write all, 0-3 or 0,2,8-11`);
  }
  return text;
}

/**
 * The prefix of /proc and /sys, without a trailing slash; checked, because nothing can be read elsewhere.
 *
 * @throws HzstatError BAD_ROOTFS
 */
export function parseRootfs(text: string): string {
  const path = resolve(text);
  try {
    if (!statSync(join(path, 'proc')).isDirectory()) throw new Error('proc is not a directory');
    accessSync(join(path, 'proc'), constants.R_OK | constants.X_OK);
  } catch (cause) {
    const message = `no readable proc below ${path} (${errorMessage(cause)}): give the directory that holds the host's /proc and /sys`;
    throw new HzstatError('BAD_ROOTFS', message, { cause });
  }
  return path === '/' ? '' : path;
}

/** Where history is kept unless --data-dir says otherwise. */
export function defaultDataDir(environment: NodeJS.ProcessEnv): string {
  if (environment.STATE_DIRECTORY) return environment.STATE_DIRECTORY;
  if (environment.XDG_STATE_HOME) return join(environment.XDG_STATE_HOME, 'hzstat');
  const home = homeDirectory();
  return home === undefined ? '/var/lib/hzstat' : join(home, '.local', 'state', 'hzstat');
}

/** Undefined for a user whom neither the environment nor the list of users knows, as in some containers. */
function homeDirectory(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** The flags that say what to sample, each also an environment variable. */
export function samplingOptions(): Option[] {
  return [
    new Option('-i, --interval <duration>', 'time between two snapshots, 1ms to 1h')
      .env('HZSTAT_INTERVAL')
      .default(100, '100ms')
      .argParser(argument(parseInterval)),
    ...collectorOptions(),
    ...hostOptions(),
  ];
}

/** The flags that say which collectors run. */
export function collectorOptions(): Option[] {
  return [
    new Setting('-c, --collectors <names>', COLLECTORS_HELP)
      .separated(COLLECTOR_WORDS)
      .env('HZSTAT_COLLECTORS')
      .default([...DEFAULT_COLLECTORS], 'default')
      .argParser(argument(parseCollectors)),
    new Setting('--collector <module>', 'a collector of your own, by the path of its module')
      .repeatable()
      .example('/etc/hzstat/sensors.js')
      .env('HZSTAT_COLLECTOR')
      .default([], 'none')
      .argParser(argument(parseModule)),
  ];
}

/** The flags of the terminal view; they suit a server as well as a sampler of its own. */
export function viewOptions(): Option[] {
  const url = urlOption().default(undefined, `${DEFAULT_URL}, or this host when none runs`);
  url.description = 'the server to watch';
  const collectors = new Setting('-c, --collectors <names>', 'only these collectors, separated by commas')
    .separated(COLLECTOR_WORDS)
    .env('HZSTAT_COLLECTORS')
    .default(undefined, 'all')
    .argParser(listOf);
  return [
    url,
    ...samplingOptions().map((option) => (option.attributeName() === 'collectors' ? collectors : option)),
  ];
}

/** The flags that say which host to read. */
export function hostOptions(): Option[] {
  return [
    new Option('--rootfs <directory>', 'where the /proc and /sys to read are found')
      .env('HZSTAT_ROOTFS')
      .default('', '/')
      .argParser(argument(parseRootfs)),
    new Option('--perf-cpus <list>', 'CPUs perf counts events on, such as 0-3,8')
      .env('HZSTAT_PERF_CPUS')
      .default('all')
      .argParser(argument(parseCpuList)),
  ];
}

/** The flag that says where to listen. */
export function listenOption(): Option {
  return new Option(
    '-l, --listen <address>',
    'where to listen for HTTP and WebSocket, such as 127.0.0.1:4410 or unix:/run/hzstat.sock',
  )
    .env('HZSTAT_LISTEN')
    .default({ host: '127.0.0.1', port: 4410 }, '127.0.0.1:4410')
    .argParser(argument(parseListen));
}

/** The flag that says what speaks HTTP and WebSocket. */
export function engineOption(): Option {
  return new Option(
    '--engine <name>',
    'what serves: uws (uWebSockets.js), node (ws and node:http), or auto for uws where it loads',
  )
    .env('HZSTAT_ENGINE')
    .choices(ENGINE_CHOICES)
    .default('auto');
}

/** The flag that says which server to ask. */
export function urlOption(): Option {
  return new Option('-u, --url <address>', 'the server to ask').env('HZSTAT_URL').default(DEFAULT_URL);
}

/** A whole number from 1 on. @throws HzstatError BAD_FLAG */
export function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new HzstatError('BAD_FLAG', `"${text}" is no number of snapshots`);
}

/** The flags that say how history is kept. */
export function historyOptions(): Option[] {
  return [
    dataDirOption(),
    new Option('--no-history', 'record nothing').env('HZSTAT_NO_HISTORY'),
    new Option('--retention <duration>', 'how long raw snapshots are kept')
      .env('HZSTAT_RETENTION')
      .default(7 * 86_400_000, '7d')
      .argParser(argument(parseDurationMs)),
    new Option('--retention-incidents <duration>', 'how long raw snapshots around incidents are kept')
      .env('HZSTAT_RETENTION_INCIDENTS')
      .default(90 * 86_400_000, '90d')
      .argParser(argument(parseDurationMs)),
    new Setting('--retention-rollups <duration>', 'how long the rollups by second and minute are kept')
      .example('182d')
      .env('HZSTAT_RETENTION_ROLLUPS')
      .default(undefined, '26 times --retention, at least --retention-incidents')
      .argParser(argument(parseDurationMs)),
    new Option(
      '--retention-bytes <size>',
      'what all of history may take; the oldest raw snapshots go first, rollups last',
    )
      .env('HZSTAT_RETENTION_BYTES')
      .default(50e9, '50GB')
      .argParser(argument(parseBytes)),
  ];
}

/** The flag that says where history is. */
export function dataDirOption(): Option {
  return new Setting('--data-dir <directory>', 'where history is kept')
    .example('/var/lib/hzstat')
    .env('HZSTAT_DATA_DIR')
    .default(
      defaultDataDir(process.env),
      '$STATE_DIRECTORY, else $XDG_STATE_HOME/hzstat, else ~/.local/state/hzstat',
    );
}
