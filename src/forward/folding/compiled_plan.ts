import type { Measure } from '../../series/measured_family.ts';
import type { SeriesRegistry } from '../encoding/series_registry.ts';
import type { ChosenFields } from './chosen_fields.ts';
import type { PlannedSeries, SeriesPlan } from './series_plan.ts';

/** What becomes of a number: smallest, mean and largest of an interval; the latest of it; each as it is. */
export type Treatment = 'extremes' | 'latest' | 'every';

/** What of an interval is known of one number. */
export interface Extremes {
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
  readonly measure: Measure;
}

/** A number in the rows of a layout, and where it goes. */
export interface PlannedNumber {
  readonly slot: number;
  readonly per: number;
  readonly measure: Measure;
  /** Among the numbers treated alike: its place in what is known of the interval, or the number of its series. */
  readonly target: number;
}

export type Numbers = Readonly<Record<Treatment, readonly PlannedNumber[]>>;

/** Which series come of which numbers; what is not of one layout. */
export class SeriesTargets {
  /** By target: the series of what has extremes. */
  readonly extremes: Extremes[] = [];
  readonly #places = new Map<string, number>();
  readonly #series: SeriesRegistry;
  readonly #chosen: ChosenFields;

  constructor(series: SeriesRegistry, chosen: ChosenFields) {
    this.#series = series;
    this.#chosen = chosen;
  }

  numbersOf({ series }: SeriesPlan): Numbers {
    const numbers: Record<Treatment, PlannedNumber[]> = { extremes: [], latest: [], every: [] };
    for (const planned of series) {
      const treatment = this.#chosen.has(planned.path) ? 'every' : treatmentOf(planned.measure);
      const target =
        treatment === 'extremes'
          ? this.#placeOf(planned)
          : this.#series.numberOf(planned.name, planned.labels);
      const { slot, per, measure } = planned;
      numbers[treatment].push({ slot, per, measure, target });
    }
    return numbers;
  }

  #placeOf({ name, labels, measure }: PlannedSeries): number {
    const key = name + labels.text;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.extremes.length;
      const named = (suffix: string): number => this.#series.numberOf(name + suffix, labels);
      this.extremes.push({ minimum: named('_min'), mean: named('_avg'), maximum: named('_max'), measure });
      this.#places.set(key, place);
    }
    return place;
  }
}

/** Of a counter nothing is lost between two readings, and a flag has no mean. */
function treatmentOf({ kind }: Measure): Treatment {
  return kind === 'counter' || kind === 'flag' ? 'latest' : 'extremes';
}
