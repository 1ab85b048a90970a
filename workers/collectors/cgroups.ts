import { monotonicNs } from '../../src/base/clock.ts';
import { NS_PER_SECOND } from '../../src/base/units.ts';
import type { CollectorOptions } from '../../src/handover/messages.ts';
import type { CgroupsData } from '../../src/model/snapshot.ts';
import { BaseCollector } from '../base/base_collector.ts';
import { Doubts } from '../cgroups/doubts.ts';
import { GivenNames } from '../cgroups/given_names.ts';
import { Group } from '../cgroups/group.ts';
import { descriptorsOfProcess } from '../cgroups/group_file.ts';
import type { KnownGroup } from '../cgroups/group_name.ts';
import { type GroupPath, shownPath } from '../cgroups/group_path.ts';
import { GroupTree } from '../cgroups/group_tree.ts';
import { type Hierarchy, HierarchyTable, rootsOf } from '../cgroups/hierarchy.ts';
import type { Surroundings } from '../cgroups/reader.ts';
import { Turns } from '../cgroups/turns.ts';
import { possibleCpus } from '../host/cpu_count.ts';
import { stackedDevices } from '../host/stacked_devices.ts';

/** How often to look whether control groups are mounted elsewhere. */
const LOOK_EVERY_NS = 5 * NS_PER_SECOND;
/** What writes down the name of a container does so a moment after its group was made. */
const NAME_AGAIN_AFTER_NS = 3 * NS_PER_SECOND;
/** What is read of a group in its turn. */
const IN_TURN = 'memory.*, io.stat, blkio.*, pids.current, *.pressure';

/**
 * What services, containers, pods and users of the host use, from their control groups (kernel/cgroup), version 1
 * and version 2: CPU time of all of them at every tick, and what costs more of the busiest and in turn.
 */
export class CgroupsCollector extends BaseCollector<CgroupsData> {
  readonly name = 'cgroups';
  readonly #now: () => number;
  readonly #table: HierarchyTable;
  readonly #names: GivenNames;
  readonly #surroundings: Omit<Surroundings, 'hierarchy'>;
  readonly #doubts = new Doubts();
  readonly #turns = new Turns();
  #hierarchy: Hierarchy | undefined;
  #tree: GroupTree | undefined;
  readonly #groups = new Map<GroupPath, Group>();
  readonly #takenNames = new Set<string>();
  /** Groups whose given name was not there yet, and when to look again; in the order of that time. */
  #nameless: { readonly path: GroupPath; readonly known: KnownGroup; readonly atNs: number }[] = [];
  /** The groups in a list, which is faster to go through. */
  #list: readonly Group[] = [];
  #isListOld = false;
  #lookedNs = Number.NEGATIVE_INFINITY;
  #previousNs: number | undefined;
  #intervalNs = 0;
  readonly #data: CgroupsData = { groups: {} };

  constructor({ rootfs }: CollectorOptions, now: () => number = monotonicNs) {
    super();
    this.#now = now;
    this.#table = new HierarchyTable(rootfs);
    this.#names = new GivenNames(rootfs, now);
    const { atTicks, inTurn } = descriptorsOfProcess();
    this.#surroundings = {
      cores: possibleCpus(rootfs),
      descriptors: inTurn,
      descriptorsAtTicks: atTicks,
      doubts: this.#doubts,
      isStacked: stackedDevices(rootfs),
    };
  }

  collect(): CgroupsData {
    const nowNs = this.#now();
    const tree = this.#treeNow(nowNs);
    tree.step(nowNs);
    if (this.#nameless.length > 0) this.#nameAgain(nowNs);
    if (this.#isListOld) this.#list = [...this.#groups.values()];
    this.#readAtTick(tree);
    if (this.#isListOld) this.#relist();
    this.#turns.give(nowNs, this.#now);
    this.#doubts.publish((field, source, message) => this.complain(field, source, message));
    const elapsedNs = this.#previousNs === undefined ? 0 : nowNs - this.#previousNs;
    this.#previousNs = nowNs;
    this.elapsedNs = elapsedNs > 0 ? elapsedNs : undefined;
    return this.#data;
  }

  override start(intervalNs: number): void {
    this.#intervalNs = intervalNs;
  }

  override reset(): void {
    this.#previousNs = undefined;
    this.#turns.reset();
    for (const group of this.#list) group.forget();
  }

  override close(): void {
    this.#table.close();
    this.#abandon();
  }

  /** @throws HzstatError when nobody can tell where control groups are mounted, or none are */
  #treeNow(nowNs: number): GroupTree {
    if (this.#tree !== undefined && nowNs - this.#lookedNs < LOOK_EVERY_NS) return this.#tree;
    try {
      const hierarchy = this.#table.read();
      this.#lookedNs = nowNs;
      if (this.#tree !== undefined && hierarchy === this.#hierarchy) return this.#tree;
      this.#abandon();
      this.#hierarchy = hierarchy;
      this.#tree = new GroupTree(rootsOf(hierarchy), {
        found: (path, group) => this.#meet(path, group, hierarchy),
        gone: (path) => this.#part(path),
      });
      return this.#tree;
    } catch (error) {
      this.#abandon();
      this.elapsedNs = undefined;
      throw error;
    }
  }

  #meet(path: GroupPath, known: KnownGroup, hierarchy: Hierarchy): void {
    if (known.kind === undefined || this.#groups.has(path)) return;
    const given = this.#names.of(known);
    const isNamedLater = given === undefined && (known.container ?? known.pod) !== undefined;
    if (isNamedLater) this.#nameless.push({ path, known, atNs: this.#now() + NAME_AGAIN_AFTER_NS });
    const name = this.#nameOf(path, known, given);
    this.#takenNames.add(name);
    this.#groups.set(
      path,
      new Group({ ...this.#surroundings, hierarchy }, path, name, known.kind, this.#around(path)),
    );
    this.#isListOld = true;
  }

  /** The nearest group a group lies in. */
  #around(path: GroupPath): Group | undefined {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const group = this.#groups.get(path.slice(0, end));
      if (group !== undefined) return group;
    }
    return undefined;
  }

  #part(path: GroupPath): void {
    const group = this.#groups.get(path);
    if (group === undefined) return;
    this.#groups.delete(path);
    this.#takenNames.delete(group.name);
    group.close();
    this.#isListOld = true;
  }

  /** Groups whose names are written down by now are told under them from now on. */
  #nameAgain(nowNs: number): void {
    while (this.#nameless.length > 0 && this.#nameless[0]!.atNs <= nowNs) {
      const { path, known } = this.#nameless.shift()!;
      const group = this.#groups.get(path);
      const given = group === undefined ? undefined : this.#names.of(known);
      if (group === undefined || given === undefined) continue;
      this.#takenNames.delete(group.name);
      group.name = this.#nameOf(path, known, given);
      this.#takenNames.add(group.name);
      this.#isListOld = true;
    }
  }

  #nameOf(path: GroupPath, known: KnownGroup, given: string | undefined): string {
    const name = given === undefined ? known.name : `${known.name} (${given})`;
    return this.#takenNames.has(name) ? `${known.name} (${shownPath(path)})` : name;
  }

  /** Reads what is read at every tick, each group at its own time, and parts with those that are gone. */
  #readAtTick(tree: GroupTree): void {
    const gone: Group[] = [];
    const list = this.#list;
    for (let i = 0; i < list.length; i++) {
      const group = list[i]!;
      if (!group.readAtTick(this.#now())) gone.push(group);
    }
    if (gone.length === 0) return;
    for (const [path, group] of [...this.#groups]) {
      if (!gone.includes(group)) continue;
      this.#part(path);
      tree.forget(path);
    }
  }

  #relist(): void {
    this.#isListOld = false;
    this.#list = [...this.#groups.values()];
    this.#turns.follow(this.#list);
    // By way of entries, so that no name is special.
    this.#data.groups = Object.fromEntries(this.#list.map(({ name, data }) => [name, data]));
    this.#sayWhatIsRead();
  }

  /** Names the pace of what is read in turn. */
  #sayWhatIsRead(): void {
    const roundMs = this.#turns.roundMs(this.#intervalNs);
    const { 'groups.*': _, ...others } = this.sources ?? {};
    this.sources =
      roundMs === undefined ? others : { ...others, 'groups.*': { source: IN_TURN, turn_ms: roundMs } };
  }

  /** Parts with all groups, as where they lie is not known any more. */
  #abandon(): void {
    for (const group of this.#groups.values()) group.close();
    this.#groups.clear();
    this.#takenNames.clear();
    this.#nameless = [];
    this.#tree = undefined;
    this.#isListOld = true;
    this.#list = [];
    this.#turns.follow([]);
    this.#turns.reset();
    this.#previousNs = undefined;
  }
}
