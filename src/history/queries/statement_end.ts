/** Comments, and what is none: texts, names in quotes, and everything else a sign at a time. */
const TOKENS = /--[^\n]*|\/\*[\s\S]*?\*\/|('(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\2\$|"(?:[^"]|"")*"|\S)/gu;

/** A statement without the semicolons at its end, and without what is said behind them. */
export function withoutEnd(sql: string): string {
  const tokens = [...sql.matchAll(TOKENS)].filter(([, token]) => token !== undefined);
  let end = sql.length;
  for (let last = tokens.at(-1); last?.[1] === ';'; last = tokens.at(-1)) {
    end = last.index;
    tokens.pop();
  }
  return sql.slice(0, end);
}
