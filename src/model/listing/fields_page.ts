import type { CollectorModel } from '../collector.ts';
import { ALL_MODELS } from '../collectors.ts';
import { FIELDS, type FieldFacts } from './fields.ts';

const HEAD = `# Fields

Every field of a snapshot, as the collectors declare them. \`*\` stands for every name, or for every place of a list. The unit of a field is in its name, too. \`hzstat fields\` and \`GET /fields\` tell the same.

Kinds: a **counter** only grows; a **gauge** and a **count** (a whole number) are a state at the moment of reading; a **share** is a share of the time since the reading before; a **rate** is what a counter grew by a second; a **mean** is taken over what a counter counted. A client that asks for a longer interval gets counters, gauges and counts as they are at its end, shares and rates as their mean over it, and means weighted by what they are taken over.

This page is made by \`npm run docs\`.
`;

/** docs/fields.md. */
export function fieldsPage(): string {
  return [HEAD, ...ALL_MODELS.map(section)].join('\n');
}

function section(model: CollectorModel): string {
  const rows = FIELDS.filter(({ collector }) => collector === model.name).map(row);
  return [
    `## ${model.name}`,
    '',
    `${model.meaning} Read from ${model.source}.`,
    '',
    '| field | unit | kind | meaning | missing | SQL | Prometheus |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function row({ path, unit, kind, meaning, source, absent, sql, prometheus, collector }: FieldFacts): string {
  const model = ALL_MODELS.find(({ name }) => name === collector);
  const from = source === model?.source ? meaning : `${meaning} From ${source}.`;
  const cells = [
    `\`${path}\``,
    unit,
    kind,
    from,
    absent,
    sql === null ? '' : `\`${sql.table}.${sql.column}\``,
    prometheus === null ? '' : `\`${prometheus}\``,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
