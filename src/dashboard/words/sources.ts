import type { CollectorSampling } from '../../client/index.ts';
import { milliseconds } from './format.ts';

/** Where the figures of a collector come from and how fine they can be, a line for each. */
export function sourcesInWords(sampling: CollectorSampling): string {
  if (sampling.state !== 'ok') return '';
  const lines = Object.entries(sampling.sources ?? {}).map(([field, source]) => {
    const words = [`${field}: ${source.source}`];
    if (source.resolution_ms !== undefined) words.push(`in steps of ${step(source.resolution_ms)}`);
    if (source.window_ms !== undefined) words.push(`over ${milliseconds(source.window_ms)}`);
    if (source.period_ms !== undefined) words.push(`updated every ${milliseconds(source.period_ms)}`);
    if (source.suspected_period_ms !== undefined)
      words.push(`possibly updated only every ${milliseconds(source.suspected_period_ms)}`);
    if (source.turn_ms !== undefined) words.push(`read in turn, each within ${milliseconds(source.turn_ms)}`);
    if (source.message !== undefined) words.push(source.message);
    if (source.uncertainty_ms !== undefined) words.push(`accurate to ${milliseconds(source.uncertainty_ms)}`);
    return words.join(', ');
  });
  return lines.join('\n');
}

function step(ms: number): string {
  return ms < 0.01 ? `${Number((ms * 1000).toPrecision(2))} µs` : milliseconds(ms);
}
