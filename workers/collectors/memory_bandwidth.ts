import { HzstatError } from '../../src/shared/errors.ts';
import type { CollectorOptions } from '../../src/shared/messages.ts';
import type { MemoryBandwidthData } from '../../src/shared/snapshot.ts';
import { BaseCollector } from '../base_collector.ts';

export class MemoryBandwidthCollector extends BaseCollector<MemoryBandwidthData> {
  readonly name = 'memory_bandwidth';
  readonly #rootfs: string;

  constructor(options: CollectorOptions) {
    super();
    this.#rootfs = options.rootfs;
  }

  collect(): MemoryBandwidthData {
    throw new HzstatError('COLLECTOR_FAILED', `not read yet below ${this.#rootfs}/`);
  }
}
