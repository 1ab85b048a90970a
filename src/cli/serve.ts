import type { ListenAddress, SamplingOptions } from './options.ts';

export interface ServeOptions extends SamplingOptions {
  listen: ListenAddress;
}

export async function serveCommand(_options: ServeOptions): Promise<void> {}
