import { isCollectorName } from '../../model/collectors.ts';
import { Slot } from '../../records/slot.ts';
import { latest } from '../family.ts';
import { type Labels, labelsOf } from '../labels.ts';
import { type MeasuredFamily, measured } from '../measured_family.ts';

interface CustomNumber {
  readonly labels: Labels;
  readonly path: string;
  readonly value: unknown;
}

const OF_CUSTOM = measured('gauge', (path) => path);
const numbersOf = latest(numbersIn);

/** The numbers of collectors of the user's, of which nobody knows beforehand which they are. */
export const CUSTOM_FAMILIES: readonly MeasuredFamily[] = [
  {
    name: 'hzstat_custom',
    help: 'A number that a collector of your own delivered, by the path to it, such as queues.mail.length.',
    visit(snapshot, visit) {
      for (const { labels, path, value } of numbersOf(snapshot)) visit(labels, value, OF_CUSTOM, path);
    },
  },
];

function numbersIn(snapshot: object): Iterable<CustomNumber> {
  // Two paths can read alike, as with a dot in a name; no series may be there twice.
  const numbers = new Map<string, CustomNumber>();
  for (const collector of collectorsIn(snapshot)) {
    if (isCollectorName(collector)) continue;
    gather(Reflect.get(snapshot, collector), '', (field, value) => {
      const labels = labelsOf({ collector, field });
      numbers.set(labels.text, { labels, path: `${collector}.${field}`, value });
    });
  }
  return numbers.values();
}

function collectorsIn(snapshot: object): string[] {
  const sampling: unknown = Reflect.get(snapshot, 'sampling');
  const collectors: unknown =
    typeof sampling === 'object' && sampling !== null ? Reflect.get(sampling, 'collectors') : undefined;
  return typeof collectors === 'object' && collectors !== null ? Object.keys(collectors) : [];
}

function gather(value: unknown, path: string, add: (field: string, value: unknown) => void): void {
  if (typeof value === 'number' || (value instanceof Slot && value.kind === 'number')) add(path, value);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) gather(item, path === '' ? key : `${path}.${key}`, add);
}
