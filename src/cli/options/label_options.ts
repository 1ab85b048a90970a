import { hostname } from 'node:os';
import { HzstatError } from '../../base/errors.ts';
import type { HostLabels } from '../../base/host_labels.ts';
import { SERIES_LABELS } from '../../series/series_labels.ts';
import { argument } from './options.ts';
import { Setting } from './setting.ts';

/** A name Prometheus takes for a label. */
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const MOST_VALUE_BYTES = 256;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what no label may hold
const CONTROL = /[\x00-\x1f\x7f]/;

/** The flag that says what tells this host from others where data of several meet. */
export function labelOption(): Setting {
  return new Setting(
    '--label <key=value>',
    'a label of all that leaves this host for engines where many hosts meet; host is one of them',
  )
    .named()
    .example('rack=r12')
    .env('HZSTAT_LABEL')
    .default({ host: hostname() }, 'host=the name of this host')
    .argParser(argument(parseLabel));
}

/**
 * Adds a label to those given so far; one given again has its latest value.
 *
 * @throws HzstatError BAD_FLAG
 */
export function parseLabel(text: string, before: HostLabels = { host: hostname() }): HostLabels {
  const sign = text.indexOf('=');
  const name = text.slice(0, Math.max(sign, 0)).trim();
  const value = text.slice(sign + 1).trim();
  const refuse = (why: string): never => {
    throw new HzstatError('BAD_FLAG', `"${text}" is no label: ${why}`);
  };
  if (sign < 0) refuse('write key=value, such as rack=r12');
  if (!LABEL_NAME.test(name))
    refuse(`its key "${name}" is to be letters, digits and _, and not to begin with a digit`);
  if (name.startsWith('__')) refuse('keys that begin with __ are kept by Prometheus for itself');
  if (SERIES_LABELS.has(name)) refuse(`series have a label "${name}" of their own`);
  if (value === '') refuse('its value is empty, which for Prometheus is no label');
  if (CONTROL.test(value)) refuse('its value holds a control character');
  if (Buffer.byteLength(value) > MOST_VALUE_BYTES)
    refuse(`its value is longer than ${MOST_VALUE_BYTES} bytes`);
  return { ...before, [name]: value };
}
