/** A family as the text declares it. */
export interface DeclaredFamily {
  readonly type: string;
  readonly help: string;
  readonly series: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const COMMENT = new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`, 's');
const SERIES = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`, 's');
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/s;

/**
 * Reads the Prometheus text format more strictly than Prometheus does: each family declared once, before its
 * series, which stand together; no series twice; finite values only.
 */
export class Exposition {
  readonly families = new Map<string, DeclaredFamily>();

  constructor(text: string) {
    if (!text.endsWith('\n')) throw new Error('the last line does not end');
    const seen = new Set<string>();
    let open = '';
    let help: string | undefined;
    for (const line of text.slice(0, -1).split('\n')) {
      const comment = COMMENT.exec(line);
      const series = SERIES.exec(line);
      if (comment !== null) {
        const [, kind, name = '', rest = ''] = comment;
        if (kind === 'HELP') {
          if (this.families.has(name)) throw new Error(`${name} is declared twice`);
          help = unescaped(rest);
          open = name;
        } else {
          if (help === undefined || open !== name) throw new Error(`TYPE without HELP: ${line}`);
          this.families.set(name, { type: rest, help, series: [] });
          help = undefined;
        }
      } else if (series !== null && !line.startsWith('#')) {
        const [, name = '', labels = '', number = ''] = series;
        const family = this.families.get(name);
        if (family === undefined || open !== name) throw new Error(`stands outside of its family: ${line}`);
        const id = `${name}{${labels}}`;
        if (seen.has(id)) throw new Error(`is there twice: ${line}`);
        seen.add(id);
        if (!Number.isFinite(Number(number))) throw new Error(`is no number: ${line}`);
        family.series.push({ labels: parseLabels(labels), value: Number(number) });
      } else throw new Error(`cannot be read: ${line}`);
    }
  }

  /** The value of one series, or undefined. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const wanted = JSON.stringify(labels);
    return this.families.get(name)?.series.find((series) => JSON.stringify(series.labels) === wanted)?.value;
  }

  /** The values a label has in a family. */
  labelValues(name: string, label: string): (string | undefined)[] {
    return this.families.get(name)?.series.map(({ labels }) => labels[label]) ?? [];
  }
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== ''; ) {
    const [match, name, value] = LABEL.exec(rest) ?? [];
    if (match === undefined || name === undefined || value === undefined) {
      throw new Error(`are no labels: ${text}`);
    }
    labels[name] = unescaped(value);
    rest = rest.slice(match.length);
  }
  return labels;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}
