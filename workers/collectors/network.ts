import { monotonicNs } from '../../src/base/clock.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../src/base/units.ts';
import type { CollectorOptions } from '../../src/handover/messages.ts';
import type {
  InterfaceData,
  NetworkCounters,
  NetworkData,
  SourceSampling,
} from '../../src/model/snapshot.ts';
import { BaseCollector } from '../base/base_collector.ts';
import { CounterGroup, type CounterLayout } from '../counters/counter_group.ts';
import { CounterTotals } from '../counters/counter_totals.ts';
import { RefreshPeriod } from '../counters/refresh_period.ts';
import { FirstReadable } from '../files/first_readable.ts';
import { KernelFile } from '../files/kernel_file.ts';
import {
  type InterfaceFacts,
  readInterface,
  readInterfaceIndex,
  selectWires,
} from '../host/interface_topology.ts';
import { NET_DEV_COLUMN as COLUMN, NetDevTable } from '../parse/net_dev.ts';

const LAYOUT: CounterLayout = {
  columns: [
    COLUMN.sentBytes,
    COLUMN.receivedBytes,
    COLUMN.sentPackets,
    COLUMN.receivedPackets,
    COLUMN.receiveErrors,
    COLUMN.sendErrors,
    COLUMN.receiveDrops,
    COLUMN.sendDrops,
  ],
  rated: 4,
};

/** Where the layout has the bytes. */
const BYTES_SENT = 0;
const BYTES_RECEIVED = 1;
const PACKETS_SENT = 2;
const PACKETS_RECEIVED = 3;

/**
 * The two shapes, without rates. Written out, because objects made by spreading do not share one hidden class, and
 * hundreds of interfaces are cheap only if theirs do; not-a-number, so that the fields hold doubles from the start.
 */
function newInterface(in_total: boolean): InterfaceData {
  return {
    bytes_sent: Number.NaN,
    bytes_recv: Number.NaN,
    packets_sent: Number.NaN,
    packets_recv: Number.NaN,
    errin: Number.NaN,
    errout: Number.NaN,
    dropin: Number.NaN,
    dropout: Number.NaN,
    in_total,
  };
}

function newNetwork(interfaces: Record<string, InterfaceData>): NetworkData {
  return {
    bytes_sent: Number.NaN,
    bytes_recv: Number.NaN,
    packets_sent: Number.NaN,
    packets_recv: Number.NaN,
    errin: Number.NaN,
    errout: Number.NaN,
    dropin: Number.NaN,
    dropout: Number.NaN,
    interfaces,
  };
}

const LONGEST_LINE_BYTES = 1024;
/** Faster than this (10 Gbit/s) it is worth a look whether these are two readings of the same interface. */
const SUSPECT_BYTES_PER_SECOND = 1.25e9;
/** Faster than this (1.6 Tbit/s) no link is. */
const FASTEST_BYTES_PER_SECOND = 2e11;
/** What a link carries above its speed: counters are read a little early or late, and drivers queue. */
const LINK_TOLERANCE = 1.25;
const LINK_SLACK_BYTES = 1_000_000;
/** The longest time a card may count before it reports it all at once. */
const LONGEST_REFRESH_NS = 3 * NS_PER_SECOND;
/** The smallest frame there is, with what the wire needs around it. */
const SMALLEST_PACKET_BYTES = 64;
/** For how many readings a refusal is reported. */
const TOLD_FOR_READINGS = 100;
/** Pace at which interfaces are looked at in turn for having been replaced by another of the same name. */
const LOOK_EVERY_NS = NS_PER_SECOND;

interface Interface {
  readonly name: string;
  readonly counters: CounterGroup;
  readonly refresh: RefreshPeriod;
  /** What to tell for this sample: what the counters grew by, or their part of what a slow source counts. */
  readonly told: Float64Array;
  /** The most each rated counter can have grown by since the reading before. */
  readonly most: Float64Array;
  /** When the counters moved last. */
  movedNs: number;
  /** Readings for which it is still told that one was not believed. */
  refusedFor: number;
  facts: InterfaceFacts;
  data: InterfaceData;
}

/**
 * `network`, from /proc/net/dev: counters of every interface since it appeared, in bytes and packets, and what
 * they grew by per second. With a rootfs, init's network namespace (/proc/1/net/dev) if it can be read.
 *
 * Totals are over the host's own wires ({@link selectWires}), summed as {@link CounterTotals} tells. An interface
 * that is new, was reset, was replaced by another of its name, or counted more than its link can have carried has
 * no rates in that sample. Of a card whose driver refreshes its counters only now and then ({@link RefreshPeriod})
 * the rates are spread over that time.
 */
export class NetworkCollector extends BaseCollector<NetworkData> {
  readonly name = 'network';
  readonly #rootfs: string;
  readonly #now: () => number;
  readonly #source: FirstReadable;
  readonly #table = new NetDevTable();
  readonly #interfaces = new Map<string, Interface>();
  readonly #totals = new CounterTotals(LAYOUT.columns.length);
  /** The interface of each row; undefined for one that the kernel printed twice while the table moved. */
  #order: (Interface | undefined)[] = [];
  #generation = -1;
  #file: KernelFile | undefined;
  #previousNs: number | undefined;
  /** Time not yet spent on looking for replaced interfaces, and whose turn it is. */
  #unlookedNs = 0;
  #nextLook = 0;
  #data: NetworkData = newNetwork({});

  constructor({ rootfs }: CollectorOptions, now: () => number = monotonicNs) {
    super();
    this.#rootfs = rootfs;
    this.#now = now;
    const paths = rootfs === '' ? ['/proc/net/dev'] : [`${rootfs}/proc/1/net/dev`, `${rootfs}/proc/net/dev`];
    this.#source = new FirstReadable(
      paths.map((path) => new KernelFile(path, { longestLineBytes: LONGEST_LINE_BYTES })),
    );
  }

  collect(): NetworkData {
    const file = this.#source.read();
    const nowNs = this.#now();
    const table = this.#table;
    table.parse(file.bytes, file.length, file.path);
    // Another file may be another namespace, where `eth0` is somebody else.
    if (file !== this.#file) this.#interfaces.clear();
    if (file !== this.#file || table.generation !== this.#generation) this.#arrange();
    this.#file = file;

    const elapsedNs = this.#previousNs === undefined ? 0 : nowNs - this.#previousNs;
    this.#lookForReplaced(this.#previousNs === undefined ? Number.POSITIVE_INFINITY : elapsedNs);
    this.#previousNs = nowNs;
    this.elapsedNs = elapsedNs > 0 ? elapsedNs : undefined;

    let reshaped = false;
    let repaced = false;
    this.#totals.beginSample();
    for (let row = 0; row < this.#order.length; row++) {
      const entry = this.#order[row];
      if (entry === undefined) continue;
      const reading = table.rows[row]!.counters;
      const { counters } = entry;
      counters.advance(reading, limitOf(entry, nowNs, elapsedNs));
      if (this.#isAnother(entry, elapsedNs)) {
        counters.forget();
        counters.advance(reading);
      }
      if (this.#spread(entry, nowNs, elapsedNs)) repaced = true;
      if (this.#refuse(entry)) repaced = true;
      if (entry.data.in_total) this.#totals.add(counters, entry.told);
      if (this.#publish(entry, elapsedNs)) reshaped = true;
    }
    if (reshaped) this.#listInterfaces();
    if (repaced) this.#nameSources();
    this.#publishTotals(elapsedNs);
    return this.#data;
  }

  override reset(): void {
    this.#previousNs = undefined;
  }

  override close(): void {
    this.#source.close();
  }

  /** Finds out who is in which row, forgets those that are gone, and decides anew what is a wire. */
  #arrange(): void {
    const { rows, generation } = this.#table;
    const present = new Set<string>();
    this.#order = rows.map(({ name }) => {
      if (present.has(name)) return undefined;
      present.add(name);
      const known = this.#interfaces.get(name);
      if (known !== undefined) return known;
      const entry: Interface = {
        name,
        counters: new CounterGroup(LAYOUT),
        refresh: new RefreshPeriod(LAYOUT.columns.length),
        told: new Float64Array(LAYOUT.columns.length),
        most: new Float64Array(LAYOUT.rated),
        movedNs: Number.NaN,
        refusedFor: 0,
        facts: readInterface(this.#rootfs, name),
        data: newInterface(false),
      };
      this.#interfaces.set(name, entry);
      return entry;
    });
    for (const name of this.#interfaces.keys()) if (!present.has(name)) this.#interfaces.delete(name);
    this.#decideWires();
    this.#listInterfaces();
    this.#generation = generation;
  }

  #decideWires(): void {
    const wires = selectWires(new Map([...this.#interfaces].map(([name, { facts }]) => [name, facts])));
    for (const { name, data } of this.#interfaces.values()) data.in_total = wires.has(name);
  }

  /** Fills `interfaces` in the order of the table; by way of entries, so that no name is special. */
  #listInterfaces(): void {
    const present = this.#order.filter((entry) => entry !== undefined);
    this.#data.interfaces = Object.fromEntries(present.map(({ name, data }) => [name, data]));
  }

  /** One interface a second in turn, so that it stays cheap with hundreds of them; all after a pause. */
  #lookForReplaced(elapsedNs: number): void {
    const count = this.#order.length;
    this.#unlookedNs += elapsedNs;
    const due = Math.min(count, Math.floor(this.#unlookedNs / LOOK_EVERY_NS));
    if (due === 0) return;
    this.#unlookedNs = 0;
    for (let i = 0; i < due; i++) {
      this.#nextLook = (this.#nextLook + 1) % count;
      const entry = this.#order[this.#nextLook];
      if (entry !== undefined && this.#wasReplaced(entry)) entry.counters.forget();
    }
  }

  /** Whether what grew so fast is not the interface of the sample before. */
  #isAnother(entry: Interface, elapsedNs: number): boolean {
    const { counters } = entry;
    if (counters.impossible) return this.#wasReplaced(entry);
    if (!counters.known || elapsedNs === 0) return false;
    const { deltas } = counters;
    const perSecond = (Math.max(deltas[BYTES_SENT]!, deltas[BYTES_RECEIVED]!) * NS_PER_SECOND) / elapsedNs;
    return perSecond > SUSPECT_BYTES_PER_SECOND && this.#wasReplaced(entry);
  }

  /** Remembers that a reading was refused, and returns whether the message about it has changed. */
  #refuse(entry: Interface): boolean {
    const was = entry.refusedFor > 0;
    if (entry.counters.impossible) {
      entry.refusedFor = TOLD_FOR_READINGS;
      // The link may have become faster than it was.
      entry.facts = readInterface(this.#rootfs, entry.name);
    } else if (was) entry.refusedFor--;
    return was !== entry.refusedFor > 0;
  }

  #wasReplaced(entry: Interface): boolean {
    if (readInterfaceIndex(this.#rootfs, entry.name) === entry.facts.index) return false;
    entry.facts = readInterface(this.#rootfs, entry.name);
    this.#decideWires();
    return true;
  }

  /** Fills `told`, and returns whether the pace of the source has changed. */
  #spread({ counters, refresh, told, facts }: Interface, nowNs: number, elapsedNs: number): boolean {
    const { deltas } = counters;
    told.set(deltas);
    // Only the counters of a card are its driver's to refresh; those of the rest are the kernel's own.
    if (!facts.hasDevice) return false;
    const before = refresh.periodNs;
    const suspectedBefore = refresh.suspectedNs;
    if (!counters.known) {
      refresh.forget();
      return before !== undefined || suspectedBefore !== undefined;
    }
    const packets = deltas[PACKETS_SENT]! + deltas[PACKETS_RECEIVED]!;
    const moved = packets > 0;
    refresh.advance(nowNs, moved, packets, facts.isSlowDriver || isMoreThanLink(deltas, facts, elapsedNs));
    if ((refresh.periodNs ?? before) !== undefined) refresh.spread(deltas, moved, elapsedNs, told);
    return before !== refresh.periodNs || suspectedBefore !== refresh.suspectedNs;
  }

  #nameSources(): void {
    const sources: Record<string, SourceSampling> = {};
    for (const { name, refresh, refusedFor } of this.#interfaces.values()) {
      const { periodNs, suspectedNs } = refresh;
      if (periodNs === undefined && suspectedNs === undefined && refusedFor === 0) continue;
      sources[`interfaces.${name}`] = {
        source: '/proc/net/dev',
        ...(periodNs !== undefined && { period_ms: Math.round(periodNs / NS_PER_MS) }),
        ...(suspectedNs !== undefined && { suspected_period_ms: Math.round(suspectedNs / NS_PER_MS) }),
        ...(refusedFor > 0 && { message: 'it counted more than the link can have carried; not believed' }),
      };
    }
    this.sources = sources;
  }

  /** Returns whether the entry had to be made anew, because an object once with rates keeps the keys. */
  #publish(entry: Interface, elapsedNs: number): boolean {
    const { counters, data } = entry;
    const rated = counters.known && elapsedNs > 0;
    const reshaped = !rated && 'bytes_sent_per_sec' in data;
    if (reshaped) entry.data = newInterface(data.in_total);
    writeCounters(entry.data, counters.values);
    if (rated) writeRates(data, entry.told, elapsedNs);
    return reshaped;
  }

  #publishTotals(elapsedNs: number): void {
    const totals = this.#totals;
    const rated = totals.known && elapsedNs > 0;
    totals.endSample();
    const { interfaces } = this.#data;
    if (!rated && 'bytes_sent_per_sec' in this.#data) this.#data = newNetwork(interfaces);
    writeCounters(this.#data, totals.values);
    if (rated) writeRates(this.#data, totals.deltas, elapsedNs);
  }
}

/** Fills in and returns how much can have been counted since the reading before. */
function limitOf(entry: Interface, nowNs: number, elapsedNs: number): Float64Array | undefined {
  if (elapsedNs === 0) return undefined;
  const { most, facts, counters } = entry;
  if (counters.known && counters.deltas[BYTES_SENT]! + counters.deltas[BYTES_RECEIVED]! > 0) {
    entry.movedNs = nowNs - elapsedNs;
  }
  const stillNs = Math.min(nowNs - entry.movedNs, LONGEST_REFRESH_NS);
  const coveredNs = stillNs > elapsedNs ? stillNs : elapsedNs;
  const perSecond = facts.bytesPerSecond ?? FASTEST_BYTES_PER_SECOND;
  const bytes = (perSecond * LINK_TOLERANCE * coveredNs) / NS_PER_SECOND + LINK_SLACK_BYTES;
  most[BYTES_SENT] = bytes;
  most[BYTES_RECEIVED] = bytes;
  most[PACKETS_SENT] = bytes / SMALLEST_PACKET_BYTES;
  most[PACKETS_RECEIVED] = bytes / SMALLEST_PACKET_BYTES;
  return most;
}

/** Whether the link cannot have carried that since the reading before. */
function isMoreThanLink(
  deltas: Float64Array,
  { bytesPerSecond }: InterfaceFacts,
  elapsedNs: number,
): boolean {
  if (bytesPerSecond === undefined) return false;
  const most = (bytesPerSecond * LINK_TOLERANCE * elapsedNs) / NS_PER_SECOND;
  return Math.max(deltas[BYTES_SENT]!, deltas[BYTES_RECEIVED]!) > most;
}

/** From values in the order of the layout. */
function writeCounters(out: NetworkCounters, values: Float64Array): void {
  out.bytes_sent = values[0]!;
  out.bytes_recv = values[1]!;
  out.packets_sent = values[2]!;
  out.packets_recv = values[3]!;
  out.errin = values[4]!;
  out.errout = values[5]!;
  out.dropin = values[6]!;
  out.dropout = values[7]!;
}

function writeRates(out: NetworkCounters, deltas: Float64Array, elapsedNs: number): void {
  const scale = NS_PER_SECOND / elapsedNs;
  out.bytes_sent_per_sec = deltas[0]! * scale;
  out.bytes_recv_per_sec = deltas[1]! * scale;
  out.packets_sent_per_sec = deltas[2]! * scale;
  out.packets_recv_per_sec = deltas[3]! * scale;
}
