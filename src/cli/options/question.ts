import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { errorMessage, HzstatError } from '../../base/errors.ts';

const HOW = 'give the SQL in quotes, - for standard input, or --file FILE';

/**
 * The SQL somebody asks with: from the command line, for `-` from standard input, or from a file.
 *
 * @throws HzstatError BAD_FLAG where there is none, or where it would be two
 */
export async function questionFrom(argument: string | undefined, file: string | undefined): Promise<string> {
  if (argument !== undefined && file !== undefined)
    throw new HzstatError('BAD_FLAG', `there are two questions, "${argument}" and --file ${file}: give one`);
  const from = file ?? argument;
  if (from === undefined) throw new HzstatError('BAD_FLAG', `there is no question: ${HOW}`);
  let sql = from;
  if (from === '-') sql = await standardInput();
  else if (file !== undefined) sql = await contentOf(file);
  // What an editor on Windows puts in front is no SQL.
  sql = sql.replace(/^\uFEFF/, '');
  if (sql.trim() !== '') return sql;
  throw new HzstatError('BAD_FLAG', `the question from ${sourceOf(argument, file)} is empty: ${HOW}`);
}

async function standardInput(): Promise<string> {
  if (process.stdin.isTTY)
    process.stderr.write('hzstat: reading SQL from the terminal; end it with Ctrl-D on a line of its own\n');
  return text(process.stdin);
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HzstatError('BAD_FLAG', `--file cannot be read: ${errorMessage(cause)}`, { cause });
  }
}

function sourceOf(argument: string | undefined, file: string | undefined): string {
  if (file !== undefined && file !== '-') return file;
  return argument === '-' || file === '-' ? 'standard input' : 'the command line';
}
