import { HzstatError } from '../../base/errors.ts';

const ALLOWED =
  'one statement that only reads: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or PIVOT over the tables here (SHOW TABLES lists them)';

/** How a statement may begin. */
const OPENINGS = new Set([
  'select',
  'with',
  'from',
  'table',
  'values',
  'describe',
  'desc',
  'show',
  'summarize',
  'pivot',
  'unpivot',
  '(',
]);

/**
 * Functions that read files, run text as SQL, change the engine for later queries, or reveal where things are.
 * The engine is closed off from the outside in other ways too; this list is for what it still lets a SELECT do.
 */
const FORBIDDEN =
  /^(read_\w+|parquet_\w+|sqlite_\w+|sniff_\w+|duckdb_\w+|pragma_\w+|enable_\w+|disable_\w+|force_\w+|glob|query|query_table|json_execute_\w+|write_log|parse_duckdb_log_message|checkpoint|nextval|currval|setval|current_setting|getenv|getvariable|which_secret|arrow_scan\w*|pandas_scan|python_map_function|seq_scan|summary|test_\w+|from_substrait\w*|get_substrait\w*|repeat_row|shell_\w+|load_\w+|install_\w+|export_\w+|import_\w+|vector_type|add_parquet_key|iceberg_\w+|delta_\w+|st_read\w*|open_prompt|http_\w+)$/;

/** Views of the engine's catalogue: they hold the SQL of our views, and with it paths of this host. */
const CATALOGUE = /^(duckdb|pg|sqlite)_\w+$/;

type Token = { readonly kind: 'word' | 'symbol'; readonly text: string };

/**
 * Refuses what is not a single reading statement. The engine has the last word on what kind of statement it is;
 * this looks at what that kind does not tell.
 *
 * @throws HzstatError QUERY_REFUSED saying what is allowed
 */
export function requireHarmless(sql: string): void {
  const tokens = tokenize(sql);
  const first = tokens[0];
  if (first === undefined) throw new HzstatError('QUERY_INVALID', `there is no statement; write ${ALLOWED}`);
  if (!OPENINGS.has(first.text)) throw refusal(`a statement may not begin with ${first.text.toUpperCase()}`);
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word') continue;
    const isView = token.text === 'views' && tokens[index - 2]?.text === 'information_schema';
    if (isView || (CATALOGUE.test(token.text) && tokens[index + 1]?.text !== '(')) {
      throw refusal(
        `${token.text} is not available: SHOW TABLES and information_schema.columns tell of the tables`,
      );
    }
    if (tokens[index + 1]?.text !== '(') continue;
    if (FORBIDDEN.test(token.text)) throw refusal(`the function ${token.text} is not available`);
  }
}

/** The error for a statement that is not to be run. */
export function refusal(reason: string): HzstatError {
  return new HzstatError('QUERY_REFUSED', `${reason}; allowed is ${ALLOWED}`);
}

/** Words and symbols outside strings and comments; quoted identifiers are words like any other. */
function tokenize(sql: string): Token[] {
  const pattern =
    /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$|"((?:[^"]|"")*)"|([\p{L}_][\p{L}\p{N}_$]*)|(\S)/gu;
  const tokens: Token[] = [];
  for (const [, , quoted, word, symbol] of sql.matchAll(pattern)) {
    const text = quoted ?? word;
    if (text !== undefined) tokens.push({ kind: 'word', text: text.toLowerCase() });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
  }
  return tokens;
}
