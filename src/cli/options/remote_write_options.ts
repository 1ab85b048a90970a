import { Option } from 'commander';
import { HzstatError } from '../../base/errors.ts';
import { argument, listOf, parseInterval } from './options.ts';
import { Setting } from './setting.ts';

const HEAD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a request has in any case, and what other flags say. */
const OWN_HEADS: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
  'x-prometheus-remote-write-version',
]);

/** The flags that say which engines are sent to, how, and with whose rights. */
export function remoteWriteOptions(): Option[] {
  return [
    new Setting('--remote-write <url>', 'an engine that is sent to, by Prometheus remote write 1.0')
      .repeatable()
      .example('http://127.0.0.1:8428/api/v1/write')
      .env('HZSTAT_REMOTE_WRITE')
      .default([], 'none')
      .argParser(argument(parseReceiver)),
    new Option(
      '--remote-write-interval <duration>',
      'what is sent once: smallest, mean and largest value of so much time, and the latest of counters',
    )
      .env('HZSTAT_REMOTE_WRITE_INTERVAL')
      .default(1_000, '1s')
      .argParser(argument(parseInterval)),
    new Setting(
      '--remote-write-full <fields>',
      'fields that are sent at every tick instead, separated by commas; * stands for any rest of a path',
    )
      .separated()
      .example('cpu.*,disk.devices.*')
      .env('HZSTAT_REMOTE_WRITE_FULL')
      .default([], 'none')
      .argParser(argument(parseFull)),
    new Setting('--remote-write-user <name>', 'who sends, with --remote-write-password-file')
      .example('hzstat')
      .env('HZSTAT_REMOTE_WRITE_USER'),
    new Setting('--remote-write-password-file <file>', 'a file that holds the password of that user')
      .example('/etc/hzstat/remote-password')
      .env('HZSTAT_REMOTE_WRITE_PASSWORD_FILE'),
    new Setting('--remote-write-token-file <file>', 'a file that holds the bearer token to send with')
      .example('/etc/hzstat/remote-token')
      .env('HZSTAT_REMOTE_WRITE_TOKEN_FILE')
      .conflicts(['remoteWriteUser', 'remoteWritePasswordFile']),
    new Setting('--remote-write-ca <file>', "the authority that signed the receiver's certificate (PEM)")
      .example('/etc/hzstat/remote-ca.crt')
      .env('HZSTAT_REMOTE_WRITE_CA'),
    new Setting('--remote-write-cert <file>', 'a certificate for receivers that ask for one (PEM)')
      .example('/etc/hzstat/remote.crt')
      .env('HZSTAT_REMOTE_WRITE_CERT'),
    new Setting('--remote-write-key <file>', 'the key of that certificate (PEM)')
      .example('/etc/hzstat/remote.key')
      .env('HZSTAT_REMOTE_WRITE_KEY'),
    new Setting('--remote-write-header <head>', 'a head of every request, as name: value')
      .repeatable()
      .example('X-Scope-OrgID: tenant-1')
      .env('HZSTAT_REMOTE_WRITE_HEADER')
      .default([], 'none')
      .argParser(argument(parseHead)),
  ];
}

/** The address of an engine; those given so far come before it. @throws HzstatError BAD_FLAG */
export function parseReceiver(text: string, before: readonly string[] = []): string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (why: string): never => {
    throw new HzstatError('BAD_FLAG', `"${text}" is no address to send to: ${why}`);
  };
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.host === '')
    return refuse('write http://127.0.0.1:8428/api/v1/write');
  if (url.username !== '' || url.password !== '') {
    const message =
      'a password in an address can be read by everybody: give --remote-write-user and --remote-write-password-file';
    throw new HzstatError('BAD_FLAG', message);
  }
  if (url.pathname === '/' && url.search === '')
    refuse('it names no path: VictoriaMetrics and Prometheus have /api/v1/write, Mimir /api/v1/push');
  return [...before, url.href];
}

/** Patterns of paths of fields. @throws HzstatError BAD_FLAG */
export function parseFull(text: string): string[] {
  return listOf(text).map((pattern) => {
    if (/^[^\s,]+$/.test(pattern) && /^(\*|[a-z_][a-z0-9_]*(\.|\*|$))/i.test(pattern)) return pattern;
    throw new HzstatError(
      'BAD_FLAG',
      `"${pattern}" names no field: write cpu.usage_percent or disk.devices.*`,
    );
  });
}

/** Name and value of a head; those given so far come before it. @throws HzstatError BAD_FLAG */
export function parseHead(
  text: string,
  before: readonly (readonly [string, string])[] = [],
): (readonly [string, string])[] {
  const sign = text.indexOf(':');
  const name = text.slice(0, Math.max(sign, 0)).trim();
  const value = text.slice(sign + 1).trim();
  if (!HEAD_NAME.test(name) || !/^[\x20-\x7e]+$/.test(value))
    throw new HzstatError('BAD_FLAG', 'a head is written as name: value, such as X-Scope-OrgID: tenant-1');
  if (OWN_HEADS.has(name.toLowerCase()))
    throw new HzstatError('BAD_FLAG', `the head ${name} is made by hzstat itself`);
  return [...before, [name, value]];
}
