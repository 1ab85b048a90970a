import { writeSync } from 'node:fs';
import type { AnswerRows } from './answer_rows.ts';
import { jsonValue } from './json_value.ts';

/** What is written at once, in characters. */
const PIECE_LENGTH = 64 * 1024;

/**
 * Writes each row as a JSON object in a line of its own, with values as {@link jsonValue} spells them. A chunk of rows
 * is in memory at a time, and the reader of a pipe holds it back.
 *
 * @param fd a blocking one
 */
export async function writeNdjson(answer: AnswerRows, fd: number): Promise<void> {
  // By hand: an object would put a column called "1" first and lose one called "__proto__".
  const keys = answer.keys.map((name) => `${JSON.stringify(name)}:`);
  for await (const chunk of answer) {
    let lines = '';
    for (const row of chunk) {
      lines += `{${row.map((value, index) => `${keys[index] ?? ''}${JSON.stringify(jsonValue(value))}`).join(',')}}\n`;
      if (lines.length < PIECE_LENGTH) continue;
      writeAll(fd, lines);
      lines = '';
    }
    writeAll(fd, lines);
  }
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset);
}
