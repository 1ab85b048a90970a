const SPECIAL = /[\\"\n]/;

/** Labels in braces, as they stand between a metric's name and its value; nothing where there are none. */
export function labelsOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Both of what {@link labelsOf} wrote. */
export function joined(one: string, other: string): string {
  return one === '' || other === '' ? one + other : `${one.slice(0, -1)},${other.slice(1)}`;
}

/** Mount points and devices may be called anything, line feeds included. */
function escapeLabel(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
