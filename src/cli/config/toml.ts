import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import type { Problem } from './config_error.ts';

/** A value of a TOML file and the line (from 1) it begins in. */
export type TomlValue = { readonly line: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'boolean'; readonly boolean: boolean }
  | { readonly kind: 'time' }
  | { readonly kind: 'list'; readonly items: readonly TomlValue[] }
  | { readonly kind: 'table'; readonly entries: TomlTable }
);

/** By key; a line is that of the value, or of the header of a table. */
export type TomlTable = Map<string, TomlValue>;

/** What could be read of a file, and where that is no TOML. */
export interface TomlFile {
  readonly table: TomlTable;
  readonly problems: readonly Problem[];
}

/** The one error of the parser that is about more than one statement. */
const REPETITION = 'Defining a key multiple times is invalid';
const KEY_AND_VALUE = /^\s*("[^"]*"|'[^']*'|[\w.-]+)\s*=\s*(.*)$/;

/** Reads a file as far as it is TOML; lines that are not are reported and skipped. */
export function readToml(text: string): TomlFile {
  const lines = text.split(/\r?\n/);
  const problems: Problem[] = [];
  for (;;) {
    const parsed = parse(lines);
    if (!(parsed instanceof ParseError)) return { table: tableOf(parsed.body[0].body), problems };
    const index = Math.min(parsed.lineNumber, lines.length) - 1;
    const line = lines[index] ?? '';
    problems.push({ line: index + 1, message: explanation(line, parsed) });
    // What follows means what it seems to mean only if the line is a statement of its own.
    if (KEY_AND_VALUE.test(line) && isComplete(lines, index)) lines[index] = '';
    else lines.splice(completeLines(lines, index));
  }
}

function parse(lines: readonly string[]): AST.TOMLProgram | ParseError {
  try {
    return parseTOML(lines.join('\n'), { tomlVersion: '1.0' });
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
}

/** Whether the first lines are complete statements; a repeated key does not count against them. */
function isComplete(lines: readonly string[], count: number): boolean {
  const parsed = parse(lines.slice(0, count));
  return !(parsed instanceof ParseError) || isRepetition(parsed);
}

function isRepetition({ message }: ParseError): boolean {
  return message === REPETITION;
}

/** How many of the lines before one are whole statements. */
function completeLines(lines: readonly string[], before: number): number {
  let count = before;
  while (count > 0 && !isComplete(lines, count)) count--;
  return count;
}

function explanation(line: string, error: ParseError): string {
  if (isRepetition(error)) return 'this was set before';
  const [, key, value] = KEY_AND_VALUE.exec(line) ?? [];
  if (value !== undefined && /^[^"'[{#]/.test(value)) return `text stands in quotes, as in ${key} = "…"`;
  return `this is no TOML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
}

function tableOf(body: readonly (AST.TOMLKeyValue | AST.TOMLTable)[]): TomlTable {
  const root: TomlTable = new Map();
  for (const node of body) {
    const names = node.key.keys.map(nameOf);
    const { line } = node.key.loc.start;
    if (node.type === 'TOMLKeyValue') put(root, names, contentOf(node.value), line);
    else if (node.kind === 'array') append(root, names, tableOf(node.body), line);
    else {
      const table = tableAt(root, names, line);
      for (const [name, value] of tableOf(node.body)) table.set(name, value);
    }
  }
  return root;
}

function put(root: TomlTable, names: readonly string[], value: TomlValue, line: number): void {
  const name = names.at(-1) ?? '';
  tableAt(root, names.slice(0, -1), line).set(name, value);
}

function append(root: TomlTable, names: readonly string[], entries: TomlTable, line: number): void {
  const table = tableAt(root, names.slice(0, -1), line);
  const name = names.at(-1) ?? '';
  const before = table.get(name);
  const items = before?.kind === 'list' ? before.items : [];
  table.set(name, { kind: 'list', items: [...items, { kind: 'table', entries, line }], line });
}

/** The table of that name, made where there is none yet; of a list of tables the last. */
function tableAt(root: TomlTable, names: readonly string[], line: number): TomlTable {
  let table = root;
  for (const name of names) {
    const found = table.get(name);
    const last = found?.kind === 'list' ? found.items.at(-1) : found;
    if (last?.kind === 'table') {
      table = last.entries;
      continue;
    }
    const entries: TomlTable = new Map();
    table.set(name, { kind: 'table', entries, line });
    table = entries;
  }
  return table;
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === 'TOMLBare' ? key.name : key.value;
}

function contentOf(node: AST.TOMLContentNode): TomlValue {
  const { line } = node.loc.start;
  if (node.type === 'TOMLArray') return { kind: 'list', items: node.elements.map(contentOf), line };
  if (node.type === 'TOMLInlineTable') return { kind: 'table', entries: tableOf(node.body), line };
  switch (node.kind) {
    case 'string':
      return { kind: 'text', text: node.value, line };
    case 'integer':
    case 'float':
      return { kind: 'number', number: node.value, line };
    case 'boolean':
      return { kind: 'boolean', boolean: node.value, line };
    default:
      return { kind: 'time', line };
  }
}
