import { expect, test } from 'vitest';
import { withoutEnd } from '../../../../src/history/queries/statement_end.ts';

test.each([
  ['SELECT 1', 'SELECT 1'],
  ['SELECT 1;', 'SELECT 1'],
  ['SELECT 1 ; ; -- all', 'SELECT 1 '],
  ['SELECT 1; /* all; of\n it */', 'SELECT 1'],
  ["SELECT ';'", "SELECT ';'"],
  ["SELECT '--;';", "SELECT '--;'"],
  ['SELECT ";" FROM t;', 'SELECT ";" FROM t'],
  ['SELECT $$;$$;', 'SELECT $$;$$'],
  ['SELECT 1 -- and; more', 'SELECT 1 -- and; more'],
  ['', ''],
])('%j', (sql, statement) => {
  expect(withoutEnd(sql)).toBe(statement);
});
