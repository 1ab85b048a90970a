import { errorMessage, HzstatError } from '../shared/errors.ts';
import { MOST_HEAD_BYTES } from './request_head.ts';

export type Engine = typeof import('uWebSockets.js');

/** A port is ours alone: by default the engine would share it with whoever else listens there. */
export const EXCLUSIVE_PORT = 1;

/**
 * The web server's native half.
 *
 * @throws HzstatError ENGINE_UNAVAILABLE when there is no binary for this Node and C library
 */
export async function loadEngine(): Promise<Engine> {
  // Read once, when the binary loads. Without it a head that comes in pieces may have a quarter of what one that
  // comes whole may.
  process.env.UWS_HTTP_MAX_HEADERS_SIZE = String(MOST_HEAD_BYTES);
  try {
    const module: { default: Engine } = await import('uWebSockets.js');
    return module.default;
  } catch (cause) {
    const message = [
      `the web server does not run on Node ${process.versions.node} here (${firstLine(cause)});`,
      'its binaries want Node 20 with glibc 2.27 or later, or Node 22, 24 or 25 with glibc 2.38 or later',
    ].join(' ');
    throw new HzstatError('ENGINE_UNAVAILABLE', message, { cause });
  }
}

function firstLine(error: unknown): string {
  return errorMessage(error).split('\n', 1)[0] ?? '';
}
