import type { CollectorModel } from '../../model/collector.ts';
import { isCollectorName, MODELS } from '../../model/collectors.ts';
import { weightsOf } from '../../model/field.ts';
import { type FieldPath, fieldAt, fieldsAt } from '../../model/field_at.ts';

/** Nothing is declared about custom collectors; only the names of their fields are known. */
const RATE_OF_ONES_OWN = /_per_sec$/;

function modelOf(collector: string): CollectorModel | undefined {
  return isCollectorName(collector) ? MODELS[collector] : undefined;
}

/** Whether the number at that path tells about a stretch of time, so that its mean is what counts. */
export function isMean(collector: string, path: FieldPath): boolean {
  const model = modelOf(collector);
  if (model === undefined) return RATE_OF_ONES_OWN.test(String(path.at(-1)));
  const kind = fieldAt(model, path)?.kind;
  return kind === 'share' || kind === 'rate' || kind === 'mean';
}

/**
 * The field beside it by which, besides the time it covers, a value weighs in the mean: what a mean over requests
 * was made of. Undefined for what is a mean over time alone.
 */
export function weightOf(collector: string, path: FieldPath): string | undefined {
  const model = modelOf(collector);
  const beside = model && fieldsAt(model, path.slice(0, -1));
  return beside && weightsOf(beside).get(String(path.at(-1)));
}
