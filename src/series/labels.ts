const SPECIAL = /[\\"\n]/;

/** What tells a series from others of its family. */
export class Labels {
  readonly pairs: readonly (readonly [name: string, value: string])[];
  /** In braces, as they stand between a metric's name and its value in the text format; nothing where there are none. */
  readonly text: string;

  constructor(pairs: Labels['pairs'], text = textOf(pairs)) {
    this.pairs = pairs;
    this.text = text;
  }
}

export const NO_LABELS = new Labels([]);

export function labelsOf(labels: Readonly<Record<string, string>>): Labels {
  return new Labels(Object.entries(labels));
}

/** Both, one behind the other. */
export function joined(one: Labels, other: Labels): Labels {
  if (one.pairs.length === 0) return other;
  if (other.pairs.length === 0) return one;
  return new Labels([...one.pairs, ...other.pairs], `${one.text.slice(0, -1)},${other.text.slice(1)}`);
}

function textOf(pairs: Labels['pairs']): string {
  return pairs.length === 0
    ? ''
    : `{${pairs.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',')}}`;
}

/** Mount points and devices may be called anything, line feeds included. */
function escapeLabel(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
