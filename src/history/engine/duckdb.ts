import { createRequire } from 'node:module';
import type * as Api from '@duckdb/node-api';
import type * as Bindings from '@duckdb/node-bindings';

const require = createRequire(import.meta.url);

/**
 * The engine, loaded as what it is. Imported, the text of each of its sixty modules would be searched for what it
 * exports before it is run, which takes as long again as all the rest, in every process that answers a question.
 */
export const duckdb: typeof Api = require('@duckdb/node-api');
export const bindings: typeof Bindings = require('@duckdb/node-bindings');
