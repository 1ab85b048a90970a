import { HzstatError } from '../../base/errors.ts';
import { decodeValue } from '../../wire/packing/codec.ts';
import type { Wishes } from './subscription.ts';

/** What a client asked for on the open socket. */
export interface SubscribeRequest {
  readonly wishes: Wishes;
  readonly since: string | null;
  readonly run: string | null;
  readonly after: string | null;
}

/**
 * Reads a message of a client: JSON in a text message or MessagePack in a binary one.
 *
 * @param before what it wished for so far, which stands where the message says nothing; null is the default again
 * @throws HzstatError BAD_REQUEST
 */
export function parseClientMessage(message: Uint8Array, isBinary: boolean, before: Wishes): SubscribeRequest {
  const fields = fieldsOf(isBinary ? decoded(message) : parsed(message));
  if (fields.type !== 'subscribe') {
    throw new HzstatError(
      'BAD_REQUEST',
      'send {"type":"subscribe"} with any of format, protocol, interval, collectors, aggregate, incidents, since',
    );
  }
  const wish = (name: keyof Wishes): string | null => {
    const value = fields[name];
    return value === undefined ? before[name] : textOf(name, value);
  };
  const known = (name: 'since' | 'run' | 'after'): string | null => textOf(name, fields[name] ?? null);
  return {
    wishes: {
      format: wish('format'),
      interval: wish('interval'),
      collectors: wish('collectors'),
      aggregate: wish('aggregate'),
      protocol: wish('protocol'),
      incidents: wish('incidents'),
    },
    since: known('since'),
    run: known('run'),
    after: known('after'),
  };
}

function parsed(message: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(message));
  } catch (cause) {
    throw new HzstatError('BAD_REQUEST', 'a text message must be JSON, such as {"type":"subscribe"}', {
      cause,
    });
  }
}

function decoded(message: Uint8Array): unknown {
  try {
    return decodeValue(message);
  } catch (cause) {
    throw new HzstatError('BAD_REQUEST', 'a binary message must be one MessagePack map', { cause });
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HzstatError('BAD_REQUEST', 'a message must be a map, such as {"type":"subscribe"}');
  }
  return { ...value };
}

function textOf(name: string, value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number' && (name === 'since' || name === 'protocol')) return String(value);
  if (typeof value === 'boolean' && name === 'incidents') return value ? 'yes' : 'no';
  if (name === 'collectors' && Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.join(',');
  }
  throw new HzstatError('BAD_REQUEST', `${name} is ${typeof value}, which it cannot be`);
}
