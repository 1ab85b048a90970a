import { NS_PER_MS } from '../../src/base/units.ts';
import { readText } from '../files/slow_file.ts';

/** CPU time the calling thread has used, as the scheduler accounts it. */
export class ThreadCpu {
  /** By the clock where the kernel does not tell, which errs on the expensive side. */
  usedMs(): number {
    const [ns] = readText('/proc/thread-self/schedstat')?.split(' ') ?? [];
    return ns === undefined ? performance.now() : Number(ns) / NS_PER_MS;
  }
}
