import { stat, statfs } from 'node:fs';
import { monotonicNs } from '../../src/base/clock.ts';
import { errorMessage } from '../../src/base/errors.ts';
import { NS_PER_SECOND } from '../../src/base/units.ts';
import type { PartitionData } from '../../src/model/snapshot.ts';
import { percentOf } from '../base/rates.ts';
import type { Mount } from '../parse/mountinfo.ts';
import { MountTable, pathOf } from './mount_table.ts';

const REFRESH_EVERY_NS = 5 * NS_PER_SECOND;
const ANSWER_WITHIN_NS = 5 * NS_PER_SECOND;
/** Each question that is never answered holds one of the four threads that all of Node's file access shares. */
const MOST_IN_FLIGHT = 2;
/** After a question the answer is listened for at every tick for this long, and then as seldom. */
const PROMPT_NS = NS_PER_SECOND;

/** Sizes of a file system in blocks, as statfs(2) tells them. */
export interface FileSystemSize {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
}

/**
 * Asks for the size of the file system at a path; undefined when there is none to be had, or when what is there is
 * not on the device (a `st_dev`) it should be on.
 */
export type AskSize = (
  path: string | Buffer,
  device: number | undefined,
  answer: (size: FileSystemSize | undefined) => void,
) => void;

const askKernel: AskSize = (path, device, answer) => {
  const askSize = () => statfs(path, (error, size) => answer(error === null ? size : undefined));
  if (device === undefined) askSize();
  else stat(path, (error, found) => (error === null && found.dev === device ? askSize() : answer(undefined)));
};

interface Partition {
  readonly mount: Mount;
  readonly path: string | Buffer;
  data: PartitionData | undefined;
  /** Since when the latest question is unanswered, or not even asked because others do not answer. */
  waitingSinceNs: number | undefined;
  stuck: boolean;
}

/**
 * How full the local file systems are, asked of the kernel every few seconds by asynchronous statfs(2). That call
 * may never return (a dead device), so nothing waits for it: there are never two at a time for one mount, and few
 * altogether, and a mount without an answer in time is reported as stuck until it gives one.
 */
export class PartitionUsage {
  /** By mount point: what was answered last, unless that is too long ago. Another object when the keys change. */
  partitions: Record<string, PartitionData> = {};
  /** Mount points that did not answer in time. Another array when it changes. */
  stuck: string[] = [];
  /** What is wrong with the table of mounts; undefined when nothing is. */
  trouble: string | undefined;
  readonly #rootfs: string;
  readonly #mountTable: MountTable;
  readonly #now: () => number;
  readonly #ask: AskSize;
  #mounts: readonly Mount[] = [];
  #all: Partition[] = [];
  #queue: Partition[] = [];
  /** Mount points that were asked for and have not answered. */
  readonly #inFlight = new Set<string>();
  #nextRefreshNs = Number.NEGATIVE_INFINITY;
  #listenedNs = Number.NEGATIVE_INFINITY;
  #askedNs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(rootfs: string, now: () => number = monotonicNs, ask: AskSize = askKernel) {
    this.#rootfs = rootfs;
    this.#mountTable = new MountTable(rootfs);
    this.#now = now;
    this.#ask = ask;
  }

  /** To be called often: asks what is due and notices what is late. Answers come in while the event loop runs. */
  refresh(): void {
    const nowNs = this.#now();
    if (nowNs >= this.#nextRefreshNs) {
      this.#nextRefreshNs = nowNs + REFRESH_EVERY_NS;
      this.#followMounts();
      for (const partition of this.#all) {
        if (partition.waitingSinceNs !== undefined) continue;
        partition.waitingSinceNs = nowNs;
        this.#queue.push(partition);
      }
      this.#askNext();
    }
    if (this.#inFlight.size > 0) this.#noticeStuck();
  }

  /** Whether there is anything to tell, now or later. */
  get hasMounts(): boolean {
    return this.#mounts.length > 0;
  }

  /** Whether the event loop should run now because an answer is likely to have come. */
  needsEventLoop(): boolean {
    if (this.#inFlight.size === 0) return false;
    const nowNs = this.#now();
    if (nowNs - this.#askedNs > PROMPT_NS && nowNs - this.#listenedNs < PROMPT_NS) return false;
    this.#listenedNs = nowNs;
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#mountTable.close();
  }

  #followMounts(): void {
    try {
      this.#mountTable.refresh();
      this.trouble = this.#mountTable.trouble;
    } catch (error) {
      // Mounts rarely change: the table as it was is worth more than none.
      this.trouble = errorMessage(error);
      return;
    }
    if (this.#mountTable.mounts === this.#mounts) return;
    this.#mounts = this.#mountTable.mounts;
    const before = new Map(this.#all.map((partition) => [keyOf(partition.mount), partition]));
    this.#all = this.#mounts.map((mount) => {
      const path = pathOf(this.#rootfs, mount);
      return (
        before.get(keyOf(mount)) ?? { mount, path, data: undefined, waitingSinceNs: undefined, stuck: false }
      );
    });
    this.#queue = this.#queue.filter((partition) => this.#all.includes(partition));
    this.#list();
  }

  #askNext(): void {
    for (let i = 0; i < this.#queue.length && this.#inFlight.size < MOST_IN_FLIGHT; ) {
      const partition = this.#queue[i]!;
      // Unanswered since another file system was mounted there.
      if (this.#inFlight.has(partition.mount.mountPoint)) i++;
      else {
        this.#queue.splice(i, 1);
        this.#askFor(partition);
      }
    }
  }

  #askFor(partition: Partition): void {
    const { path, mount } = partition;
    this.#inFlight.add(mount.mountPoint);
    this.#askedNs = this.#now();
    const device = this.#mountTable.isKernels && mount.major !== 0 ? deviceNumber(mount) : undefined;
    this.#ask(path, device, (size) => {
      this.#inFlight.delete(mount.mountPoint);
      if (this.#closed) return;
      partition.waitingSinceNs = undefined;
      partition.stuck = false;
      partition.data = size === undefined ? undefined : describe(mount, size);
      this.#list();
      this.#askNext();
    });
  }

  #noticeStuck(): void {
    let changed = false;
    for (const partition of this.#all) {
      const { waitingSinceNs, stuck } = partition;
      // A thread that blocks between ticks must have listened before it may call somebody else late.
      if (stuck || waitingSinceNs === undefined || this.#listenedNs - waitingSinceNs <= ANSWER_WITHIN_NS)
        continue;
      partition.stuck = true;
      partition.data = undefined;
      changed = true;
    }
    if (changed) this.#list();
  }

  #list(): void {
    const entries: [string, PartitionData][] = [];
    for (const { mount, data } of this.#all) if (data !== undefined) entries.push([mount.mountPoint, data]);
    this.partitions = Object.fromEntries(entries);
    this.stuck = this.#all.filter(({ stuck }) => stuck).map(({ mount }) => mount.mountPoint);
  }
}

function keyOf({ major, minor, filesystem, mountPoint }: Mount): string {
  return `${major}:${minor} ${filesystem} ${mountPoint}`;
}

/** Major and minor number as the C library packs them into a `st_dev`. */
function deviceNumber({ major, minor }: Mount): number {
  return (
    (minor % 256) +
    (major % 4096) * 2 ** 8 +
    Math.floor(minor / 256) * 2 ** 20 +
    Math.floor(major / 4096) * 2 ** 44
  );
}

/** As df counts: what is reserved for root is neither used nor free. Undefined for a file system without size. */
function describe({ source, filesystem }: Mount, size: FileSystemSize): PartitionData | undefined {
  const { bsize, blocks, bfree, bavail } = size;
  if (!(blocks > 0)) return undefined;
  const used = Math.max(0, blocks - bfree) * bsize;
  // Below zero, and then a huge number, where more is reserved than is left.
  const free = bavail > blocks ? 0 : bavail * bsize;
  return {
    total_bytes: blocks * bsize,
    used_bytes: used,
    free_bytes: free,
    percent: percentOf(used, used + free),
    device: source,
    filesystem,
  };
}
