import { Option } from 'commander';
import { HzstatError } from '../../base/errors.ts';
import type { TokenOptions } from '../../service/settings.ts';
import { argument } from './options.ts';
import { Setting } from './setting.ts';

/** The flags that name the secret, for a server as for a client. */
export function tokenOptions(): Option[] {
  return [
    new Setting('--token <secret>', 'the secret that gives access').secret().example('').env('HZSTAT_TOKEN'),
    new Setting('--token-file <file>', 'a file that holds the secret, and keeps it out of the process list')
      .example('/etc/hzstat/token')
      .env('HZSTAT_TOKEN_FILE')
      .conflicts('token'),
  ];
}

/** What a command shows and trusts when it asks a server. */
export interface ClientOptions extends TokenOptions {
  ca?: string;
  clientCert?: string;
  clientKey?: string;
}

/** The flags by which a command gets access to a server. */
export function clientOptions(): Option[] {
  return [
    ...tokenOptions(),
    new Option('--ca <file>', "the authority that signed the server's certificate (PEM)").env('HZSTAT_CA'),
    new Option('--client-cert <file>', 'a certificate for servers that ask for one (PEM)').env(
      'HZSTAT_CLIENT_CERT',
    ),
    new Option('--client-key <file>', 'the key of that certificate (PEM)').env('HZSTAT_CLIENT_KEY'),
  ];
}

/** The flags that say who may use the server. */
export function accessOptions(): Option[] {
  return [
    ...tokenOptions(),
    new Setting('--require-token', 'do not start without a token, not even for this machine alone').env(
      'HZSTAT_REQUIRE_TOKEN',
    ),
    new Setting('--tls-cert <file>', "the server's certificate (PEM); with --tls-key it speaks TLS")
      .example('/etc/hzstat/server.crt')
      .env('HZSTAT_TLS_CERT'),
    new Setting('--tls-key <file>', 'the key of that certificate (PEM)')
      .example('/etc/hzstat/server.key')
      .env('HZSTAT_TLS_KEY'),
    new Setting('--tls-client-ca <file>', 'let in only clients with a certificate of these authorities (PEM)')
      .example('/etc/hzstat/clients.crt')
      .env('HZSTAT_TLS_CLIENT_CA'),
    new Setting('--allow-origin <urls>', 'pages of other sites that may use this server, separated by commas')
      .separated()
      .example('https://grafana.example')
      .env('HZSTAT_ALLOW_ORIGIN')
      .argParser(argument(parseOrigins)),
    new Setting('--max-connections <number>', 'connections open at the same time')
      .number()
      .env('HZSTAT_MAX_CONNECTIONS')
      .default(4_096)
      .argParser(argument(parseConnections)),
  ];
}

/** Origins as browsers write them: scheme, host, and port where it is not the usual one. @throws HzstatError BAD_FLAG */
export function parseOrigins(text: string): string[] {
  return text.split(',').map((part) => {
    const origin = part.trim().replace(/\/$/, '').toLowerCase();
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url !== undefined && /^https?:$/.test(url.protocol) && url.host !== '' && url.origin === origin)
      return origin;
    throw new HzstatError(
      'BAD_FLAG',
      `"${part.trim()}" is no origin: write https://grafana.example or http://localhost:3000, one for each site`,
    );
  });
}

function parseConnections(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1_000_000) return count;
  throw new HzstatError('BAD_FLAG', `"${text}" is no number of connections`);
}
