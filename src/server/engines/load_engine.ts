import { HzstatError } from '../../base/errors.ts';
import { ENGINE_NAMES, type Engine } from '../engine/engine.ts';

/** `auto` is uWebSockets.js where its binary loads, and Node's own server elsewhere. */
export const ENGINE_CHOICES = ['auto', ...ENGINE_NAMES] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** The engine that serves, and why it is not the other one where that was wanted or would be cheaper. */
export interface LoadedEngine {
  readonly engine: Engine;
  /** Why uWebSockets.js is not used although nobody ruled it out. */
  readonly withoutUws?: string;
}

/** @throws HzstatError ENGINE_UNAVAILABLE when the engine asked for by name cannot run here */
export async function loadEngine(choice: EngineChoice): Promise<LoadedEngine> {
  if (choice === 'node') return { engine: await nodeEngine() };
  const { loadUws } = await import('./uws/uws_engine.ts');
  try {
    return { engine: await loadUws() };
  } catch (error) {
    if (choice === 'uws' || !(error instanceof HzstatError)) throw error;
    return { engine: await nodeEngine(), withoutUws: error.message };
  }
}

async function nodeEngine(): Promise<Engine> {
  const { NodeEngine } = await import('./node/node_engine.ts');
  return new NodeEngine();
}
