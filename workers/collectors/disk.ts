import { monotonicNs } from '../../src/base/clock.ts';
import { errorMessage } from '../../src/base/errors.ts';
import { BYTES_PER_SECTOR, MS_PER_SECOND, NS_PER_MS, NS_PER_SECOND } from '../../src/base/units.ts';
import type { CollectorOptions } from '../../src/handover/messages.ts';
import type { DeviceData, DiskData } from '../../src/model/snapshot.ts';
import { BaseCollector } from '../base/base_collector.ts';
import { percentOf } from '../base/rates.ts';
import { CounterGroup, type CounterLayout } from '../counters/counter_group.ts';
import { CounterTotals } from '../counters/counter_totals.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { namesIn } from '../files/slow_file.ts';
import { readBlockDevices, selectDisks } from '../host/block_topology.ts';
import { type AskSize, PartitionUsage } from '../host/partition_usage.ts';
import { DISKSTATS_COLUMN as COLUMN, type DiskStatsRow, DiskStatsTable } from '../parse/diskstats.ts';

const LAYOUT: CounterLayout = {
  columns: [
    COLUMN.reads,
    COLUMN.writes,
    COLUMN.sectorsRead,
    COLUMN.sectorsWritten,
    COLUMN.readMs,
    COLUMN.writeMs,
    COLUMN.busyMs,
  ],
  rated: 7,
};
/** The times among them stand together: reading, writing, busy. */
const FIRST_TIME = 4;
const TIMES = 3;
const LONGEST_LINE_BYTES = 1024;
/** No device is faster than this, and none completes more requests. */
const FASTEST_BYTES_PER_SECOND = 1e11;
const MOST_REQUESTS_PER_SECOND = 1e9;
/** Requests that took long are counted when they are done. */
const LEAST_COVERED_NS = NS_PER_SECOND;
/** More requests than this are a count that went below zero for a moment. */
const MOST_IN_FLIGHT = 2 ** 31;

/**
 * The two shapes, without rates. Written out, because objects made by spreading do not share one hidden class, and
 * hundreds of devices are cheap only if theirs do; not-a-number, so that the fields hold doubles from the start.
 */
function newDevice(in_total: boolean): DeviceData {
  return {
    read_bytes: Number.NaN,
    write_bytes: Number.NaN,
    read_count: Number.NaN,
    write_count: Number.NaN,
    busy_seconds: Number.NaN,
    read_seconds: Number.NaN,
    write_seconds: Number.NaN,
    in_flight: Number.NaN,
    in_total,
  };
}

function newDisk({ devices, partitions }: Pick<DiskData, 'devices' | 'partitions'>): DiskData {
  return {
    read_bytes: Number.NaN,
    write_bytes: Number.NaN,
    read_count: Number.NaN,
    write_count: Number.NaN,
    devices,
    partitions,
  };
}

/** What is counted of a device, and of all whole disks together. */
type Counters = Omit<DiskData, 'devices' | 'partitions' | 'partitions_stuck'>;

interface Device {
  readonly name: string;
  readonly counters: CounterGroup;
  /** Milliseconds of reading, writing and being busy, which the kernel counts in 32 bits. */
  readonly spentMs: Float64Array;
  data: DeviceData;
}

/**
 * `disk`, from /proc/diskstats: counters of every whole block device since it appeared, what they grew by per
 * second, share of time busy, and mean time per request; and how full the local file systems are.
 *
 * Totals are over the whole physical disks ({@link selectDisks}), summed as {@link CounterTotals} tells. A device
 * that is new or was reset has no rates in that sample. Devices and file systems are known from different files, and
 * each is reported without the other.
 */
export class DiskCollector extends BaseCollector<DiskData> {
  readonly name = 'disk';
  readonly #rootfs: string;
  readonly #now: () => number;
  readonly #file: KernelFile;
  readonly #table = new DiskStatsTable();
  readonly #usage: PartitionUsage;
  readonly #totals = new CounterTotals(LAYOUT.columns.length);
  /** By device number and name. */
  #devices = new Map<string, Device>();
  /** The device of each row; undefined for partitions and whatever else nobody asks about. */
  #order: (Device | undefined)[] = [];
  #generation = -1;
  #previousNs: number | undefined;
  readonly #limit = new Float64Array(LAYOUT.rated);
  /** Whether the latest sample had no devices because their table could not be read. */
  #deviceless = false;
  #devicesTrouble: string | undefined;
  #partitionsTrouble: string | undefined;
  #isEmptyOdd: boolean | undefined;
  #data: DiskData = newDisk({ devices: {}, partitions: {} });

  constructor({ rootfs }: CollectorOptions, now: () => number = monotonicNs, ask?: AskSize) {
    super();
    this.#rootfs = rootfs;
    this.#now = now;
    this.#file = new KernelFile(`${rootfs}/proc/diskstats`, { longestLineBytes: LONGEST_LINE_BYTES });
    this.#usage = new PartitionUsage(rootfs, now, ask);
  }

  collect(): DiskData {
    const trouble = this.#read();
    const nowNs = this.#now();
    this.#publishPartitions();
    if (trouble === undefined) this.#publishDevices(nowNs);
    else if (this.#usage.hasMounts) this.#withoutDevices();
    else throw trouble;
    this.#nameSources(trouble);
    return this.#data;
  }

  /** Reads the table of devices; returns why that is not possible, when it is not. */
  #read(): unknown {
    try {
      const file = this.#file;
      file.read();
      const table = this.#table;
      table.parse(file.bytes, file.length, file.path);
      if (table.generation !== this.#generation) {
        for (const row of table.rows) row.ignored = false;
        table.parse(file.bytes, file.length, file.path);
        this.#arrange();
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** What is asked of file systems does not depend on the table of devices. */
  #withoutDevices(): void {
    const { partitions, partitions_stuck } = this.#data;
    this.#data = {
      devices: {},
      partitions,
      ...(partitions_stuck !== undefined && { partitions_stuck }),
    };
    this.#deviceless = true;
    this.elapsedNs = undefined;
  }

  #nameSources(trouble: unknown): void {
    const devices = trouble === undefined ? this.#emptiness() : errorMessage(trouble);
    const partitions = this.#usage.trouble;
    if (devices === this.#devicesTrouble && partitions === this.#partitionsTrouble) return;
    this.#devicesTrouble = devices;
    this.#partitionsTrouble = partitions;
    this.sources = {
      ...(devices !== undefined && { devices: { source: '/proc/diskstats', message: devices } }),
      ...(partitions !== undefined && { partitions: { source: '/proc/1/mountinfo', message: partitions } }),
    };
  }

  /** A host without block devices has an empty table; in a container it is empty where nothing is counted. */
  #emptiness(): string | undefined {
    if (this.#file.length > 0) return undefined;
    this.#isEmptyOdd ??= namesIn(`${this.#rootfs}/sys/block`).length > 0;
    return this.#isEmptyOdd ? 'it is empty although there are block devices' : undefined;
  }

  #publishDevices(nowNs: number): void {
    const table = this.#table;
    if (this.#deviceless) {
      this.#deviceless = false;
      this.#data = newDisk(this.#data);
      this.#listDevices();
    }
    const elapsedNs = this.#previousNs === undefined ? 0 : nowNs - this.#previousNs;
    this.#previousNs = nowNs;
    this.elapsedNs = elapsedNs > 0 ? elapsedNs : undefined;

    const limit = elapsedNs > 0 ? this.#limitFor(elapsedNs) : undefined;
    let reshaped = false;
    this.#totals.beginSample();
    for (let row = 0; row < this.#order.length; row++) {
      const device = this.#order[row];
      if (device === undefined) continue;
      const { fields } = table.rows[row]!;
      device.counters.advance(fields, limit);
      if (device.data.in_total) this.#totals.add(device.counters);
      if (publish(device, fields[COLUMN.inFlight]!, elapsedNs)) reshaped = true;
    }
    if (reshaped) this.#listDevices();
    this.#publishTotals(elapsedNs);
  }

  /** The most a device can have done in that time: more is a counter that jumped. */
  #limitFor(elapsedNs: number): Float64Array {
    const limit = this.#limit;
    const seconds = Math.max(elapsedNs, LEAST_COVERED_NS) / NS_PER_SECOND;
    limit.fill(Number.POSITIVE_INFINITY);
    limit[0] = MOST_REQUESTS_PER_SECOND * seconds;
    limit[1] = MOST_REQUESTS_PER_SECOND * seconds;
    limit[2] = (FASTEST_BYTES_PER_SECOND / BYTES_PER_SECTOR) * seconds;
    limit[3] = (FASTEST_BYTES_PER_SECOND / BYTES_PER_SECTOR) * seconds;
    return limit;
  }

  override start(): void {
    this.#usage.refresh();
  }

  override needsEventLoop(): boolean {
    return this.#usage.needsEventLoop();
  }

  override reset(): void {
    this.#previousNs = undefined;
  }

  override close(): void {
    this.#file.close();
    this.#usage.close();
  }

  /** Finds out which device is in which row, forgets those that are gone, and decides anew what is a disk. */
  #arrange(): void {
    const { rows, generation } = this.#table;
    const found = readBlockDevices(
      this.#rootfs,
      rows.map(({ name }) => name),
    );
    const rowOf = new Map(rows.map((row) => [row.name, row]));
    const disks = selectDisks(found, (name) => hasCounted(rowOf.get(name)));
    const devices = new Map<string, Device>();
    this.#order = rows.map((row) => {
      const { name } = row;
      const key = `${row.major}:${row.minor} ${name}`;
      row.ignored = !found.has(name) || devices.has(key);
      if (row.ignored) return undefined;
      const device = this.#devices.get(key) ?? {
        name,
        counters: new CounterGroup(LAYOUT),
        spentMs: new Float64Array(TIMES).fill(Number.NaN),
        data: newDevice(false),
      };
      device.data.in_total = disks.has(name);
      devices.set(key, device);
      return device;
    });
    this.#devices = devices;
    this.#listDevices();
    this.#generation = generation;
  }

  /** Fills `devices` in the order of the table; by way of entries, so that no name is special. */
  #listDevices(): void {
    this.#data.devices = Object.fromEntries(
      [...this.#devices.values()].map(({ name, data }) => [name, data]),
    );
  }

  #publishTotals(elapsedNs: number): void {
    const totals = this.#totals;
    const rated = totals.known && elapsedNs > 0;
    totals.endSample();
    if (!rated && 'reads_per_sec' in this.#data) this.#data = newDisk(this.#data);
    writeCounters(this.#data, totals.values);
    if (rated) writeRates(this.#data, totals.deltas, elapsedNs);
  }

  #publishPartitions(): void {
    const usage = this.#usage;
    usage.refresh();
    this.#data.partitions = usage.partitions;
    if (usage.stuck.length > 0) this.#data.partitions_stuck = usage.stuck;
    else if ('partitions_stuck' in this.#data) delete this.#data.partitions_stuck;
  }
}

function hasCounted(row: DiskStatsRow | undefined): boolean {
  return row !== undefined && row.fields[COLUMN.reads]! + row.fields[COLUMN.writes]! > 0;
}

/** Returns whether the device's object had to be made anew, because one that had rates keeps their keys. */
function publish(device: Device, inFlight: number, elapsedNs: number): boolean {
  const { counters } = device;
  const rated = counters.known && elapsedNs > 0;
  const reshaped = !rated && 'reads_per_sec' in device.data;
  if (reshaped) device.data = newDevice(device.data.in_total);
  const { data } = device;
  writeCounters(data, counters.values);
  writeSeconds(device);
  data.in_flight = inFlight > MOST_IN_FLIGHT ? 0 : inFlight;
  if (rated) {
    const { deltas } = counters;
    writeRates(data, deltas, elapsedNs);
    data.busy_percent = percentOf(deltas[6]! * NS_PER_MS, elapsedNs);
    data.read_latency_ms = deltas[0]! > 0 ? deltas[4]! / deltas[0]! : null;
    data.write_latency_ms = deltas[1]! > 0 ? deltas[5]! / deltas[1]! : null;
  }
  return reshaped;
}

/** From values in the order of the layout. */
function writeCounters(out: Partial<Counters>, values: Float64Array): void {
  out.read_count = values[0]!;
  out.write_count = values[1]!;
  out.read_bytes = values[2]! * BYTES_PER_SECTOR;
  out.write_bytes = values[3]! * BYTES_PER_SECTOR;
}

/** Goes on from where the counters stood at first sight: of what they lost when they were reset nobody knows. */
function writeSeconds({ counters, spentMs, data }: Device): void {
  const { values, deltas } = counters;
  for (let i = 0; i < TIMES; i++) {
    const isFirst = Number.isNaN(spentMs[i]!);
    spentMs[i] = isFirst ? values[FIRST_TIME + i]! : spentMs[i]! + deltas[FIRST_TIME + i]!;
  }
  data.read_seconds = spentMs[0]! / MS_PER_SECOND;
  data.write_seconds = spentMs[1]! / MS_PER_SECOND;
  data.busy_seconds = spentMs[2]! / MS_PER_SECOND;
}

function writeRates(out: Partial<Counters>, deltas: Float64Array, elapsedNs: number): void {
  const scale = NS_PER_SECOND / elapsedNs;
  out.reads_per_sec = deltas[0]! * scale;
  out.writes_per_sec = deltas[1]! * scale;
  out.read_bytes_per_sec = deltas[2]! * BYTES_PER_SECTOR * scale;
  out.write_bytes_per_sec = deltas[3]! * BYTES_PER_SECTOR * scale;
}
