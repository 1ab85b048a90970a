import type { Engine } from '../../src/server/engine/engine.ts';
import { loadEngine } from '../../src/server/engines/load_engine.ts';
import { skipUnless } from './skip.ts';

const { engine: best, withoutUws } = await loadEngine('auto');
const { engine: node } = await loadEngine('node');

/** Every engine that runs here: uWebSockets.js has no binary for some hosts. */
export const ENGINES: readonly Engine[] = best.name === 'node' ? [node] : [best, node];

// Other Nodes want a newer C library than many hosts have.
const major = Number.parseInt(process.versions.node, 10);
skipUnless('uWebSockets.js on Node 20', major !== 20 || withoutUws === undefined);
if (major !== 20) skipUnless(`uWebSockets.js (${withoutUws})`, withoutUws === undefined);

/** The engine a server would choose by itself. */
export const ENGINE = best;
