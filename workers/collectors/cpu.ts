import { HzstatError } from '../../src/shared/errors.ts';
import type { CollectorOptions } from '../../src/shared/messages.ts';
import type { CpuData } from '../../src/shared/snapshot.ts';
import { BaseCollector } from '../base_collector.ts';

export class CpuCollector extends BaseCollector<CpuData> {
  readonly name = 'cpu';
  readonly #rootfs: string;

  constructor(options: CollectorOptions) {
    super();
    this.#rootfs = options.rootfs;
  }

  collect(): CpuData {
    throw new HzstatError('COLLECTOR_FAILED', `not read yet below ${this.#rootfs}/`);
  }
}
