import type { CollectorModel, Entries } from '../model/collector.ts';
import { ALL_MODELS } from '../model/collectors.ts';
import type { Fields } from '../model/field.ts';

/** Labels of series that no declaration of a collector names: of custom numbers, failures and the program itself. */
const OTHER_LABELS = ['field', 'code', 'watch', 'version', 'node', 'le', 'quantile'];

/** Labels by which the series of one host are told apart: a host cannot be labelled with them, too. */
export const SERIES_LABELS: ReadonlySet<string> = new Set([...ALL_MODELS.flatMap(labelsIn), ...OTHER_LABELS]);

function labelsIn({ fields, lists = {}, maps = {}, entries }: CollectorModel): string[] {
  const groups: Entries[] = [...Object.values(maps), ...(entries === undefined ? [] : [entries])];
  return [
    ...labelsOfFields(fields),
    ...Object.values(lists).flatMap(({ label, field }) => [label, ...labelsOfFields({ field })]),
    ...groups.flatMap(({ label, labels = [], fields: own }) => [label, ...labels, ...labelsOfFields(own)]),
  ];
}

function labelsOfFields(fields: Fields): string[] {
  return Object.values(fields).flatMap(({ metric }) => Object.keys(metric?.labels ?? {}));
}
