import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientTls } from './web.ts';

export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

/** An authority, a server and clients with certificates made for one test run. */
export class Certificates {
  readonly #directory = mkdtempSync(join(tmpdir(), 'hzstat-tls-'));

  constructor() {
    this.#selfSigned('ca');
    this.#signed('server', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
    this.#signed('client', 'extendedKeyUsage=clientAuth');
    this.#selfSigned('stranger');
  }

  path(name: string): string {
    return join(this.#directory, name);
  }

  /** The flags of a server that speaks TLS. */
  get serverFlags(): string[] {
    return ['--tls-cert', this.path('server.pem'), '--tls-key', this.path('server.key')];
  }

  /** What a client needs to trust the server, with a certificate of its own or without. */
  client(name?: 'client' | 'stranger'): ClientTls {
    const ca = readFileSync(this.path('ca.pem'), 'utf8');
    if (name === undefined) return { ca };
    return {
      ca,
      cert: readFileSync(this.path(`${name}.pem`), 'utf8'),
      key: readFileSync(this.path(`${name}.key`), 'utf8'),
    };
  }

  /** A certificate and its key. */
  pair(name: string): { cert: string; key: string } {
    return {
      cert: readFileSync(this.path(`${name}.pem`), 'utf8'),
      key: readFileSync(this.path(`${name}.key`), 'utf8'),
    };
  }

  /** Writes a file beside the certificates. */
  write(name: string, content: string): string {
    writeFileSync(this.path(name), content, { mode: 0o600 });
    return this.path(name);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #selfSigned(name: string): void {
    this.#openssl(
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${name}.key -out ${name}.pem -days 2 -subj /CN=${name}`,
    );
  }

  #signed(name: string, extensions: string): void {
    this.write(`${name}.ext`, extensions);
    this.#openssl(
      `req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`,
    );
    this.#openssl(
      `x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out ${name}.pem -days 2 -extfile ${name}.ext`,
    );
  }

  #openssl(args: string): void {
    execFileSync('openssl', args.split(' '), { cwd: this.#directory, stdio: 'ignore' });
  }
}
