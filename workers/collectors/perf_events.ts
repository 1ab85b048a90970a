import { HzstatError } from '../../src/shared/errors.ts';
import type { CollectorOptions } from '../../src/shared/messages.ts';
import type { PerfEventsData } from '../../src/shared/snapshot.ts';
import { BaseCollector } from '../base_collector.ts';

export class PerfEventsCollector extends BaseCollector<PerfEventsData> {
  readonly name = 'perf_events';
  readonly #rootfs: string;

  constructor(options: CollectorOptions) {
    super();
    this.#rootfs = options.rootfs;
  }

  collect(): PerfEventsData {
    throw new HzstatError('COLLECTOR_FAILED', `not read yet below ${this.#rootfs}/`);
  }
}
