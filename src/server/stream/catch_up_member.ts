import type { Position } from '../../records/position.ts';
import type { StreamClient } from '../clients/stream_client.ts';

/** How far a turn has brought a client, and whether there was nothing more. */
export interface Turn {
  readonly position: Position;
  readonly isOver: boolean;
}

/** A client in a turn it may share with others: it leaves when it is at the end, takes too long, or has gone. */
export class CatchUpMember {
  readonly client: StreamClient;
  /** Whether it still wants what it came for. */
  readonly goesOn: () => boolean;
  /** Settles when the turn is over for this client. */
  readonly turn: Promise<Turn>;
  /** Whether it knows of what is missing before the first frame. */
  isTold: boolean;
  #settle: (turn: Turn) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(client: StreamClient, goesOn: () => boolean, isTold: boolean) {
    this.client = client;
    this.goesOn = goesOn;
    this.isTold = isTold;
    this.turn = new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
    });
  }

  leave(position: Position, isOver: boolean): void {
    this.#settle({ position, isOver });
  }

  fail(error: unknown): void {
    this.#fail(error);
  }
}
