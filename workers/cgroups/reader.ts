import type { CgroupData } from '../../src/model/snapshot.ts';
import type { Doubts } from './doubts.ts';
import type { Descriptors } from './group_file.ts';
import type { GroupPath } from './group_path.ts';
import type { Hierarchy } from './hierarchy.ts';
import type { IsStacked } from './parse/io_stat.ts';

/** Where the readers of all groups look, and whom they tell. */
export interface Surroundings {
  readonly hierarchy: Hierarchy;
  /** CPUs there can be. */
  readonly cores: number;
  /** For what is read in turn, and for what is read at every tick. */
  readonly descriptors: Descriptors;
  readonly descriptorsAtTicks: Descriptors;
  readonly doubts: Doubts;
  readonly isStacked: IsStacked;
}

/** One group, as its readers know it. */
export interface GroupContext extends Surroundings {
  readonly path: GroupPath;
  /** As it is shown. */
  readonly name: string;
  /** What readers fill. */
  readonly data: CgroupData;
}

/** Reads some files of one group, and keeps the previous counters of them. */
export interface Reader {
  /** @throws HzstatError SOURCE_MISSING when the group is gone, where the reader can tell that */
  read(nowNs: number): void;
  /** Takes the next reading for the first. */
  forget(): void;
  close(): void;
}
