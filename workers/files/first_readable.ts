import type { KernelFile } from './kernel_file.ts';

/** The first of several files that can be read. Stays with it until it fails, then looks again from the start. */
export class FirstReadable {
  readonly #files: readonly KernelFile[];
  #current: KernelFile | undefined;

  constructor(files: readonly KernelFile[]) {
    this.#files = files;
  }

  /**
   * Reads it whole and returns it.
   *
   * @throws HzstatError of the last file when none can be read
   */
  read(): KernelFile {
    if (this.#current !== undefined) {
      try {
        this.#current.read();
        return this.#current;
      } catch {
        this.#current = undefined;
      }
    }
    let failure: unknown;
    for (const file of this.#files) {
      try {
        file.read();
        this.#current = file;
        return file;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}
