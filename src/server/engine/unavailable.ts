import { HzstatError } from '../../base/errors.ts';
import type { Address } from './engine.ts';

/** The address cannot be listened on. */
export function unavailable(at: Address, reason: string): HzstatError {
  const place = 'path' in at ? `unix:${at.path}` : `${at.host}:${at.port}`;
  return new HzstatError(
    'PORT_UNAVAILABLE',
    `cannot listen on ${place}: ${reason}; choose another with --listen`,
  );
}
