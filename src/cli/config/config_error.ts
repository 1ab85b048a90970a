import { HzstatError } from '../../base/errors.ts';

/** What is wrong in a configuration file, and in which of its lines (from 1). */
export interface Problem {
  readonly line: number;
  readonly message: string;
}

/** All that is wrong with a configuration file, a line for each. */
export class ConfigError extends HzstatError {
  /** In the order of the file. */
  readonly lines: readonly string[];

  constructor(path: string, problems: readonly Problem[]) {
    const sorted = problems.toSorted((a, b) => a.line - b.line);
    const lines = sorted.map(({ line, message }) => `${path}, line ${line}: ${message}`);
    super('BAD_CONFIG', lines.join('\n'));
    this.lines = lines;
  }
}
