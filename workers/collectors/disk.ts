import { HzstatError } from '../../src/shared/errors.ts';
import type { CollectorOptions } from '../../src/shared/messages.ts';
import type { DiskData } from '../../src/shared/snapshot.ts';
import { BaseCollector } from '../base_collector.ts';

export class DiskCollector extends BaseCollector<DiskData> {
  readonly name = 'disk';
  readonly #rootfs: string;

  constructor(options: CollectorOptions) {
    super();
    this.#rootfs = options.rootfs;
  }

  collect(): DiskData {
    throw new HzstatError('COLLECTOR_FAILED', `not read yet below ${this.#rootfs}/`);
  }
}
