import { BYTES_PER_KIB, MS_PER_SECOND } from '../../src/base/units.ts';
import type { CollectorOptions } from '../../src/handover/messages.ts';
import type { MemoryData } from '../../src/model/snapshot.ts';
import { BaseCollector } from '../base/base_collector.ts';
import { percentOf } from '../base/rates.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { readInteger, readText } from '../files/slow_file.ts';
import { pageSizeBytes } from '../host/page_size.ts';
import { KeyedNumbers } from '../parse/keyed_numbers.ts';
import { malformed, requireWholeLines } from '../parse/malformed.ts';
import { parseLowWatermarkPages } from '../parse/zoneinfo.ts';

/** Every line of /proc/meminfo that is used, and its place in the parsed values. */
const LINES = {
  MemTotal: 0,
  MemFree: 1,
  MemAvailable: 2,
  Buffers: 3,
  Cached: 4,
  Active: 5,
  Inactive: 6,
  'Active(file)': 7,
  'Inactive(file)': 8,
  SwapTotal: 9,
  SwapFree: 10,
  Dirty: 11,
  Writeback: 12,
  AnonPages: 13,
  Mapped: 14,
  Shmem: 15,
  Slab: 16,
  SReclaimable: 17,
  KernelStack: 18,
  PageTables: 19,
  CommitLimit: 20,
  Committed_AS: 21,
  HugePages_Total: 22,
  HugePages_Free: 23,
  Hugepagesize: 24,
} as const;

type Line = keyof typeof LINES;

/** Pages are counted by CPU and folded together this often (mm/vmstat.c); in between, a gauge may stand still. */
const USUAL_STAT_INTERVAL_SECONDS = 1;

/** Gauges of /proc/meminfo, whose `kB` are KiB. The kernel folds most of them together once a second. */
export class MemoryCollector extends BaseCollector<MemoryData> {
  readonly name = 'memory';
  readonly #file: KernelFile;
  readonly #zoneinfo: string;
  #watermarkBytes: number | undefined;
  readonly #meminfo = new KeyedNumbers(Object.keys(LINES), ':');
  readonly #data: MemoryData = {
    total_bytes: 0,
    available_bytes: 0,
    used_bytes: 0,
    percent: 0,
    swap_total_bytes: 0,
    swap_used_bytes: 0,
    swap_percent: 0,
    buffers_bytes: null,
    cached_bytes: null,
  };

  constructor(options: CollectorOptions) {
    super();
    this.#file = new KernelFile(`${options.rootfs}/proc/meminfo`, { inOnePiece: true, capacityBytes: 8_192 });
    this.#zoneinfo = `${options.rootfs}/proc/zoneinfo`;
    const periodSeconds =
      readInteger(`${options.rootfs}/proc/sys/vm/stat_interval`) ?? USUAL_STAT_INTERVAL_SECONDS;
    this.sources = { '*': { source: '/proc/meminfo', period_ms: periodSeconds * MS_PER_SECOND } };
  }

  collect(): MemoryData {
    const length = this.#file.read();
    requireWholeLines(this.#file.path, this.#file.bytes, length);
    this.#meminfo.parse(this.#file.bytes, length);
    const total = this.#required('MemTotal');
    const free = this.#required('MemFree');
    const available = this.#available(total, free);
    const data = this.#data;
    data.total_bytes = total;
    data.available_bytes = available;
    data.used_bytes = total - available;
    data.percent = percentOf(total - available, total);
    const swapTotal = this.#bytes('SwapTotal') ?? 0;
    const swapUsed = Math.max(0, swapTotal - (this.#bytes('SwapFree') ?? swapTotal));
    data.swap_total_bytes = swapTotal;
    data.swap_used_bytes = swapUsed;
    data.swap_percent = percentOf(swapUsed, swapTotal);
    data.buffers_bytes = this.#bytes('Buffers') ?? null;
    const cached = this.#bytes('Cached');
    data.cached_bytes = cached === undefined ? null : cached + (this.#bytes('SReclaimable') ?? 0);
    data.free_bytes = free;
    data.active_bytes = this.#bytes('Active');
    data.inactive_bytes = this.#bytes('Inactive');
    data.dirty_bytes = this.#bytes('Dirty');
    data.writeback_bytes = this.#bytes('Writeback');
    data.mapped_bytes = this.#bytes('Mapped');
    data.anon_bytes = this.#bytes('AnonPages');
    data.shmem_bytes = this.#bytes('Shmem');
    data.slab_bytes = this.#bytes('Slab');
    data.slab_reclaimable_bytes = this.#bytes('SReclaimable');
    data.page_tables_bytes = this.#bytes('PageTables');
    data.kernel_stack_bytes = this.#bytes('KernelStack');
    data.committed_bytes = this.#bytes('Committed_AS');
    data.commit_limit_bytes = this.#bytes('CommitLimit');
    data.huge_pages_total = this.#number('HugePages_Total');
    data.huge_pages_free = this.#number('HugePages_Free');
    data.huge_page_size_bytes = this.#bytes('Hugepagesize');
    return data;
  }

  override close(): void {
    this.#file.close();
  }

  /** The kernel's own estimate where there is one worth believing; containers may report more than there is. */
  #available(total: number, free: number): number {
    const told = this.#bytes('MemAvailable') ?? 0;
    const available = told > 0 ? told : this.#estimateAvailable(free);
    return available > total ? free : available;
  }

  /** What kernels before 3.14 leave to the reader: free memory and the caches, less what the kernel keeps back. */
  #estimateAvailable(free: number): number {
    const activeFile = this.#bytes('Active(file)');
    const inactiveFile = this.#bytes('Inactive(file)');
    const reclaimable = this.#bytes('SReclaimable');
    if (activeFile === undefined || inactiveFile === undefined || reclaimable === undefined) {
      return free + (this.#bytes('Cached') ?? 0);
    }
    // Set at boot and by sysctl only, so once is enough.
    this.#watermarkBytes ??= parseLowWatermarkPages(readText(this.#zoneinfo) ?? '') * pageSizeBytes();
    const watermark = this.#watermarkBytes;
    const cache = activeFile + inactiveFile;
    const usableCache = cache - Math.min(cache / 2, watermark);
    const usableSlab = reclaimable - Math.min(reclaimable / 2, watermark);
    return Math.max(0, Math.floor(free - watermark + usableCache + usableSlab));
  }

  #required(line: Line): number {
    const bytes = this.#bytes(line);
    if (bytes === undefined) throw malformed(this.#file.path, `has no line ${line}`);
    return bytes;
  }

  #bytes(line: Line): number | undefined {
    const kib = this.#number(line);
    return kib === undefined ? undefined : kib * BYTES_PER_KIB;
  }

  #number(line: Line): number | undefined {
    const value = this.#meminfo.values[LINES[line]]!;
    return Number.isNaN(value) ? undefined : value;
  }
}
