import { existsSync } from 'node:fs';
import { errorCode, errorMessage } from '../../src/base/errors.ts';
import type { CgroupData } from '../../src/model/snapshot.ts';
import type { GroupKind } from './group_name.ts';
import { type GroupPath, placeIn } from './group_path.ts';
import { rootsOf } from './hierarchy.ts';
import type { GroupContext, Reader, Surroundings } from './reader.ts';
import { stallReaders } from './stalls.ts';
import {
  CpuOfVersion1,
  IoOfVersion1,
  MemoryOfVersion1,
  ModesOfVersion1,
  QuotaOfVersion1,
} from './version_1.ts';
import { CpuOfVersion2, IoOfVersion2, MemoryOfVersion2, TaskCount } from './version_2.ts';

/** Growth of a group needs two readings: the first two turns are given ahead of all others. */
const FIRST_TURNS = 2;

/** All fields in their order, so that the data of all groups has one hidden class. */
function newData(kind: GroupKind): CgroupData {
  return {
    cpu_percent: undefined,
    user_percent: undefined,
    system_percent: undefined,
    throttled_percent: undefined,
    throttled_periods: undefined,
    memory_bytes: undefined,
    swap_bytes: undefined,
    major_faults_per_sec: undefined,
    read_bytes_per_sec: undefined,
    write_bytes_per_sec: undefined,
    reads_per_sec: undefined,
    writes_per_sec: undefined,
    tasks: undefined,
    cpu_pressure_some_percent: undefined,
    cpu_pressure_full_percent: undefined,
    memory_pressure_some_percent: undefined,
    memory_pressure_full_percent: undefined,
    io_pressure_some_percent: undefined,
    io_pressure_full_percent: undefined,
    cpu_seconds: undefined,
    user_seconds: undefined,
    system_seconds: undefined,
    quota_periods: undefined,
    throttled_seconds: undefined,
    major_faults: undefined,
    oom_kills: undefined,
    read_bytes: undefined,
    write_bytes: undefined,
    read_count: undefined,
    write_count: undefined,
    cpu_pressure_some_total_us: undefined,
    cpu_pressure_full_total_us: undefined,
    memory_pressure_some_total_us: undefined,
    memory_pressure_full_total_us: undefined,
    io_pressure_some_total_us: undefined,
    io_pressure_full_total_us: undefined,
    kind,
  };
}

/** One group: what is read of it at every tick, what in its turn, and its data. */
export class Group {
  /** As it is shown, unlike that of any other group. */
  name: string;
  readonly data: CgroupData;
  /** How often its turn has come. */
  turns = 0;
  /** In which tick its turn came last. */
  turnNs = Number.NEGATIVE_INFINITY;
  readonly #context: GroupContext;
  /** The group it lies in, which is read before it. */
  readonly #parent: Group | undefined;
  #isClosed = false;
  readonly #cpu: CpuOfVersion1 | CpuOfVersion2 | undefined;
  /** Version 1 tells of it in a file of its own. */
  readonly #quota: QuotaOfVersion1 | undefined;
  readonly #inTurn: readonly Reader[];
  /** Where it lies: only what is read at every tick tells by itself that it is gone. */
  readonly #homes: readonly (string | Buffer)[];

  constructor(surroundings: Surroundings, path: GroupPath, name: string, kind: GroupKind, parent?: Group) {
    this.name = name;
    this.data = newData(kind);
    this.#context = { ...surroundings, path, name, data: this.data };
    const { cpu, quota, inTurn } = readersOf(this.#context);
    this.#cpu = cpu;
    // In another tree the group around it may hold other processes.
    this.#parent = parent !== undefined && parent.#cpu?.root === cpu?.root ? parent : undefined;
    this.#quota = quota;
    this.#inTurn = inTurn;
    this.#homes = rootsOf(surroundings.hierarchy).map((root) => placeIn(root, path));
  }

  /** CPU time in the latest interval. */
  get busyPercent(): number {
    return this.data.cpu_percent ?? 0;
  }

  /** Whether it used not even a microsecond between the latest two ticks. */
  get isStill(): boolean {
    return this.#cpu?.isStill === true && !this.#isClosed;
  }

  get needsFirstTurns(): boolean {
    return this.turns < FIRST_TURNS;
  }

  /** Reads what is read at every tick; false when the group is gone. */
  readAtTick(nowNs: number): boolean {
    if (!this.#readCpu(nowNs)) return false;
    if (this.#quota?.isEnforced === true) this.#quota.readAtTick(nowNs);
    return true;
  }

  /** Reads what costs more. */
  takeTurn(tickNs: number, nowNs: number): void {
    this.turns++;
    this.turnNs = tickNs;
    for (const reader of this.#inTurn) reader.read(nowNs);
  }

  forget(): void {
    this.#cpu?.forget();
    this.turns = 0;
    for (const reader of this.#inTurn) reader.forget();
  }

  close(): void {
    this.#isClosed = true;
    this.#cpu?.close();
    for (const reader of this.#inTurn) reader.close();
  }

  #readCpu(nowNs: number): boolean {
    const { doubts, name } = this.#context;
    if (this.#cpu === undefined) {
      doubts.tell('cpu_percent', 'cpu.stat, cpuacct.usage', `${name} has no file that tells CPU time`);
      return this.#homes.some((home) => existsSync(home));
    }
    // What a group used is part of what the group around it used: where that is nothing, there is nothing to read.
    if (this.#parent?.isStill === true && this.#cpu.stayStill(nowNs)) return true;
    try {
      this.#cpu.read(nowNs);
    } catch (error) {
      if (errorCode(error, 'SOURCE_UNREADABLE') === 'SOURCE_MISSING') return false;
      this.#cpu.blank();
      doubts.tell('cpu_percent', 'cpu.stat, cpuacct.usage', errorMessage(error));
    }
    return true;
  }
}

/** For each resource the tree of version 1 where it has the group, else that of version 2. */
function readersOf(context: GroupContext): {
  readonly cpu: CpuOfVersion1 | CpuOfVersion2 | undefined;
  readonly quota: QuotaOfVersion1 | undefined;
  readonly inTurn: readonly Reader[];
} {
  const { path, hierarchy } = context;
  const having = (root: string | undefined): string | undefined =>
    root !== undefined && existsSync(placeIn(root, path)) ? root : undefined;
  const unified = having(hierarchy.unified);
  const [cpuacct, cpu, memory, blkio, pids] = (['cpuacct', 'cpu', 'memory', 'blkio', 'pids'] as const).map(
    (controller) => having(hierarchy.trees[controller]),
  );
  const quota = cpu === undefined ? undefined : new QuotaOfVersion1(context, cpu);
  const inTurn: Reader[] = quota === undefined ? [] : [quota];
  if (cpuacct !== undefined) inTurn.push(new ModesOfVersion1(context, cpuacct));
  if (memory !== undefined) inTurn.push(new MemoryOfVersion1(context, memory));
  else if (unified !== undefined) inTurn.push(new MemoryOfVersion2(context, unified));
  if (blkio !== undefined) inTurn.push(new IoOfVersion1(context, blkio));
  else if (unified !== undefined) inTurn.push(new IoOfVersion2(context, unified));
  const tasks = pids ?? unified;
  if (tasks !== undefined) inTurn.push(new TaskCount(context, tasks));
  if (unified !== undefined) inTurn.push(...stallReaders(context, unified));
  const candidates = [
    ...(cpuacct === undefined ? [] : [new CpuOfVersion1(context, cpuacct)]),
    ...(unified === undefined ? [] : [new CpuOfVersion2(context, unified)]),
  ];
  return { cpu: candidates.find((candidate) => candidate.exists()), quota, inTurn };
}
