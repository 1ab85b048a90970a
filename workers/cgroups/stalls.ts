import { NS_PER_MS, NS_PER_US } from '../../src/base/units.ts';
import type { CgroupData } from '../../src/model/snapshot.ts';
import { percentOf } from '../base/rates.ts';
import { FULL, parsePressure, ROWS, SOME } from '../parse/pressure.ts';
import { GroupFile } from './group_file.ts';
import { Growth } from './growth.ts';
import type { GroupContext, Reader } from './reader.ts';
import { orAbsent } from './totals.ts';

/** How far a total may run ahead of the clock, in absolute terms and as a share: it is updated in steps. */
const TOLERANCE_NS = 20 * NS_PER_MS;
const TOLERANCE_SHARE = 0.1;

const RESOURCES = ['cpu', 'memory', 'io'] as const;
type Resource = (typeof RESOURCES)[number];

/** cpu.pressure, memory.pressure and io.pressure of a group in the tree of version 2. */
export function stallReaders(context: GroupContext, root: string): Reader[] {
  return RESOURCES.map((resource) => new StallReader(context, root, resource));
}

class StallReader implements Reader {
  readonly #context: GroupContext;
  readonly #resource: Resource;
  readonly #file: GroupFile;
  readonly #totals = new Float64Array(ROWS);
  readonly #growth = new Growth(ROWS);

  constructor(context: GroupContext, root: string, resource: Resource) {
    this.#context = context;
    this.#resource = resource;
    this.#file = new GroupFile(root, context.path, `${resource}.pressure`, context.descriptors);
  }

  read(nowNs: number): void {
    const { data, doubts } = this.#context;
    const resource = this.#resource;
    const totals = this.#totals;
    const isRead = this.#file.readIfThere(nowNs, (path, bytes, length) =>
      parsePressure(path, bytes, length, totals),
    );
    if (!isRead) totals.fill(Number.NaN);
    const { trouble } = this.#file;
    if (trouble !== undefined) doubts.tell(`${resource}_pressure_some_percent`, '*.pressure', trouble);
    this.#growth.advance(totals, nowNs);
    publish(data, resource, totals, this.#percent(SOME), this.#percent(FULL));
  }

  forget(): void {
    this.#growth.forget();
  }

  close(): void {
    this.#file.close();
  }

  #percent(row: number): number | undefined {
    const { deltas, elapsedNs } = this.#growth;
    const stalledNs = deltas[row]! * NS_PER_US;
    if (Number.isNaN(stalledNs)) return undefined;
    if (stalledNs <= elapsedNs * (1 + TOLERANCE_SHARE) + TOLERANCE_NS) return percentOf(stalledNs, elapsedNs);
    const { doubts, name } = this.#context;
    const [stalled, elapsed] = [stalledNs, elapsedNs].map((ns) => `${Math.round(ns / NS_PER_MS)}ms`);
    const message = `a total of ${name} grew by ${stalled} within ${elapsed}, which cannot have happened; that is left out`;
    doubts.tell(`${this.#resource}_pressure_some_percent`, '*.pressure', message);
    return undefined;
  }
}

/** Written out, so that names of fields are not made of parts at every reading. */
function publish(
  data: CgroupData,
  resource: Resource,
  totals: Float64Array,
  some: number | undefined,
  full: number | undefined,
): void {
  const someTotal = orAbsent(totals[SOME]!);
  const fullTotal = orAbsent(totals[FULL]!);
  switch (resource) {
    case 'cpu':
      data.cpu_pressure_some_percent = some;
      data.cpu_pressure_full_percent = full;
      data.cpu_pressure_some_total_us = someTotal;
      data.cpu_pressure_full_total_us = fullTotal;
      break;
    case 'memory':
      data.memory_pressure_some_percent = some;
      data.memory_pressure_full_percent = full;
      data.memory_pressure_some_total_us = someTotal;
      data.memory_pressure_full_total_us = fullTotal;
      break;
    case 'io':
      data.io_pressure_some_percent = some;
      data.io_pressure_full_percent = full;
      data.io_pressure_some_total_us = someTotal;
      data.io_pressure_full_total_us = fullTotal;
      break;
  }
}
