import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions, Server as TlsServer } from 'node:https';
import { decodeWrite, type WrittenSeries } from './remote_write.ts';

/** A request as it came. */
export interface WriteRequest {
  readonly headers: IncomingHttpHeaders;
  readonly series: readonly WrittenSeries[];
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
}

const TAKEN: Answer = { status: 204 };

/** Somebody who takes remote write and answers as a test wants. */
export class TestReceiver {
  readonly requests: WriteRequest[] = [];
  readonly #server: Server;
  readonly #answer: (request: WriteRequest, number: number) => Answer;
  #wake: () => void = () => {};

  /** @param answer of the request of that number, from 0 on */
  static async start(
    answer: (request: WriteRequest, number: number) => Answer = () => TAKEN,
    tls?: ServerOptions,
  ): Promise<TestReceiver> {
    const receiver = new TestReceiver(answer, tls);
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  private constructor(answer: (request: WriteRequest, number: number) => Answer, tls?: ServerOptions) {
    this.#answer = answer;
    this.#server = tls === undefined ? createServer() : createTlsServer(tls);
    this.#server.on(
      'request',
      async (request: AsyncIterable<Buffer> & { headers: IncomingHttpHeaders }, response: ServerResponse) => {
        const pieces: Buffer[] = [];
        for await (const piece of request) pieces.push(piece);
        const written = { headers: request.headers, series: decodeWrite(Buffer.concat(pieces)) };
        const { status, headers, text } = this.#answer(written, this.requests.push(written) - 1);
        response.writeHead(status, { ...headers });
        response.end(text);
        this.#wake();
      },
    );
  }

  get url(): string {
    const address = this.#server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return `${this.#server instanceof TlsServer ? 'https' : 'http'}://127.0.0.1:${port}/api/v1/write`;
  }

  /** Waits until the requests are as wanted. */
  async until(wanted: (requests: readonly WriteRequest[]) => boolean): Promise<readonly WriteRequest[]> {
    while (!wanted(this.requests)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.requests;
  }

  /** The samples of one series in the order they came, those that came again among them. */
  samples(name: string): { value: number; unixMs: number }[] {
    return this.requests.flatMap(({ series }) =>
      series.filter(({ labels }) => labels.__name__ === name).flatMap(({ samples }) => samples),
    );
  }

  closeConnections(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
