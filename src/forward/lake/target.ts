/** A file of the outbox that is to be put into a lake. */
export interface FileToPut {
  /** Where it is here. */
  readonly source: string;
  readonly bytes: number;
  /** Of its content, in hexadecimal digits. */
  readonly sha256: string;
}

/** `there`: the same file is there already; `taken`: another of that name is. */
export type Outcome = 'put' | 'there' | 'taken';

/** Where the files of a lake go, by paths below it. What fails is tried again later as a whole. */
export interface Target {
  /** Puts a file there: readers see all of it or nothing, and what is there already is never replaced. */
  put(path: string, file: FileToPut): Promise<Outcome>;
  /** A small text; undefined where there is none. */
  read(path: string): Promise<string | undefined>;
  /** Replaces a small text in one step. */
  write(path: string, text: string): Promise<void>;
}

/** What did not work, and how long the other side wants to be left alone. */
export class UploadFailure extends Error {
  override readonly name = 'UploadFailure';
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}
