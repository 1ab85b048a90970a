import { HzstatError } from '../../src/shared/errors.ts';
import type { CollectorOptions } from '../../src/shared/messages.ts';
import type { MemoryData } from '../../src/shared/snapshot.ts';
import { BaseCollector } from '../base_collector.ts';

export class MemoryCollector extends BaseCollector<MemoryData> {
  readonly name = 'memory';
  readonly #rootfs: string;

  constructor(options: CollectorOptions) {
    super();
    this.#rootfs = options.rootfs;
  }

  collect(): MemoryData {
    throw new HzstatError('COLLECTOR_FAILED', `not read yet below ${this.#rootfs}/`);
  }
}
