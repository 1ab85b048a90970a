import type { ExportFormat, QueryTable } from '../queries/query_messages.ts';
import { QueryPool, type Question } from '../queries/query_pool.ts';
import { SuspiciousFailure } from '../queries/suspicious_failure.ts';
import { Inspector } from '../segments/inspection.ts';

/** Files that do not change while they are asked. */
export class Archive {
  readonly #pool: QueryPool;
  readonly #onDamaged: (files: readonly string[]) => void;
  #files: Omit<Question, 'sql'>;

  /** @param onDamaged is told which files were left out because they cannot be read */
  constructor(
    files: Omit<Question, 'sql'>,
    onDamaged: (files: readonly string[]) => void,
    limits?: ConstructorParameters<typeof QueryPool>[0],
  ) {
    this.#files = files;
    this.#onDamaged = onDamaged;
    this.#pool = new QueryPool(limits);
  }

  /** @throws HzstatError QUERY_* as a running server does */
  async query(sql: string): Promise<QueryTable> {
    const question = async (): Promise<Question> => ({ ...this.#files, sql });
    return this.#pool.ask(question).catch(async (error: unknown) => {
      await this.#leaveOutDamaged(error);
      return this.#pool.ask(question);
    });
  }

  /** @throws HzstatError QUERY_* as a running server does, also in the middle */
  async *export(sql: string, format: ExportFormat): AsyncGenerator<Uint8Array, void, undefined> {
    const question = async (): Promise<Question> => ({ ...this.#files, sql });
    let isBegun = false;
    try {
      for await (const piece of this.#pool.export(question, format)) {
        isBegun = true;
        yield piece;
      }
    } catch (error) {
      if (isBegun) throw error;
      await this.#leaveOutDamaged(error);
      yield* this.#pool.export(question, format);
    }
  }

  close(): void {
    this.#pool.close();
  }

  /** Goes on without what is damaged; @throws the error itself where nothing is */
  async #leaveOutDamaged(error: unknown): Promise<void> {
    if (!(error instanceof SuspiciousFailure)) throw error;
    const damaged = await new Inspector(this.#files.dataDir).damagedOf(error.suspects);
    if (damaged.length === 0) throw error;
    this.#onDamaged(damaged);
    const segments = this.#files.segments.filter(({ file }) => !damaged.includes(file));
    this.#files = { ...this.#files, segments };
  }
}
