import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { PROGRAMS } from '../paths.ts';
import type { FromReaders, Received, ToReaders } from './protocol.ts';

/** A process that holds connections to a stream and counts what arrives. */
export class Readers {
  readonly #child: ChildProcess;
  readonly #firstSnapshot: Promise<number>;

  static async start(): Promise<Readers> {
    const child = fork(`${PROGRAMS}readers/program.js`, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(child, 'spawn');
    return new Readers(child);
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#firstSnapshot = this.#hear('first-snapshot').then(({ atNs }) => atNs);
    this.#firstSnapshot.catch(() => {});
  }

  /**
   * Resolves when all connections are open. Every `decodeEvery`-th of them decodes what it receives.
   *
   * @param wishes what is asked for, as the query of the stream's address
   */
  async connect(serverUrl: string, connections: number, decodeEvery: number, wishes = ''): Promise<void> {
    const url = new URL(`stream${wishes}`, serverUrl.replace(/^http/, 'ws')).href;
    const connected = this.#hear('connected');
    this.#tell({ type: 'connect', url, connections, decodeEvery });
    await connected;
  }

  /** When the first snapshot arrived, on the monotonic clock. */
  firstSnapshotNs(): Promise<number> {
    return this.#firstSnapshot;
  }

  begin(): void {
    this.#tell({ type: 'begin' });
  }

  async end(): Promise<Received> {
    const answered = this.#hear('received');
    this.#tell({ type: 'end' });
    return (await answered).received;
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  #tell(message: ToReaders): void {
    this.#child.send(message);
  }

  #hear<T extends FromReaders['type']>(type: T): Promise<Extract<FromReaders, { type: T }>> {
    return new Promise((resolve, reject) => {
      const listener = (message: FromReaders): void => {
        if (message.type !== type) return;
        this.#child.off('message', listener);
        this.#child.off('exit', ended);
        resolve(message as Extract<FromReaders, { type: T }>);
      };
      const ended = (code: number | null): void => reject(new Error(`the readers ended with ${code}`));
      this.#child.on('message', listener);
      this.#child.once('exit', ended);
    });
  }
}
