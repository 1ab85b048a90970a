import { fileURLToPath } from 'node:url';

/** The project's own directory, seen from where this file is compiled to: dist-bench/bench. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The product as people run it, not the copy of it that is compiled beside the benchmarks. */
export const PRODUCT = `${ROOT}dist/src/cli/main.js`;

/** Compiled programs of the benchmarks, for processes of their own. */
export const PROGRAMS = `${ROOT}dist-bench/bench/`;

/** Sources that are run as they are. */
export const SOURCES = `${ROOT}bench/`;
