import { Argument } from 'commander';

/** An argument that is no flag, with the words completions offer for it where others are possible too. */
export class Operand extends Argument {
  words: readonly string[] = [];

  offers(words: readonly string[]): this {
    this.words = words;
    return this;
  }
}

/** What is likely to stand there. */
export function wordsOf(argument: Argument): readonly string[] {
  return argument.argChoices ?? (argument instanceof Operand ? argument.words : []);
}
