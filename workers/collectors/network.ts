import { HzstatError } from '../../src/shared/errors.ts';
import type { CollectorOptions } from '../../src/shared/messages.ts';
import type { NetworkData } from '../../src/shared/snapshot.ts';
import { BaseCollector } from '../base_collector.ts';

export class NetworkCollector extends BaseCollector<NetworkData> {
  readonly name = 'network';
  readonly #rootfs: string;

  constructor(options: CollectorOptions) {
    super();
    this.#rootfs = options.rootfs;
  }

  collect(): NetworkData {
    throw new HzstatError('COLLECTOR_FAILED', `not read yet below ${this.#rootfs}/`);
  }
}
