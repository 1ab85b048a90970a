import { type Dirent, readdirSync, statSync } from 'node:fs';
import { NS_PER_SECOND } from '../../src/base/units.ts';
import { groupAt, type KnownGroup } from './group_name.ts';
import { type GroupPath, placeIn } from './group_path.ts';

/** Directories that are looked at in one tick at most, so that thousands of them cost no tick more than a few ms. */
const MOST_A_TICK = 64;
/** Every directory is looked at so often. */
const ROUND_NS = NS_PER_SECOND;
const DEEPEST = 16;
/** What a directory without directories in it counts: itself and its parent's entry. */
const LINKS_OF_LEAF = 2;

/** A directory in which groups may come and go. */
interface Folder {
  readonly path: GroupPath;
  readonly depth: number;
  /** The links of its directories in all trees when it was listed last; undefined when it must be listed. */
  links: number | undefined;
  readonly children: Set<GroupPath>;
}

/** What becomes known of groups. */
export interface GroupListener {
  found(path: GroupPath, group: KnownGroup): void;
  gone(path: GroupPath): void;
}

/**
 * The groups of a host as they come and go. The kernel tells of neither, and listing directories is dear, but the
 * number of links of a directory of theirs is two more than it has directories: only where that has changed, or a
 * group has been found gone, is a directory listed again. Looked at are so many directories a tick that each has
 * its turn once a second; new ones come first.
 */
export class GroupTree {
  readonly #roots: readonly string[];
  readonly #listener: GroupListener;
  readonly #folders = new Map<GroupPath, Folder>();
  /** Those that have not been listed yet. */
  #fresh: Folder[] = [];
  /** The others in turn. */
  #turn: Folder[] = [];
  #due = 0;
  #steppedNs = Number.NaN;

  /** @param roots where the trees are mounted: a group may be in any of them */
  constructor(roots: readonly string[], listener: GroupListener) {
    this.#roots = roots;
    this.#listener = listener;
    this.#watch('', 0);
  }

  /** Looks at the directories whose turn it is. */
  step(nowNs: number): void {
    const elapsedNs = Number.isNaN(this.#steppedNs) ? 0 : Math.max(0, nowNs - this.#steppedNs);
    this.#steppedNs = nowNs;
    this.#due = Math.min(MOST_A_TICK, this.#due + (this.#folders.size * elapsedNs) / ROUND_NS);
    let left = MOST_A_TICK;
    for (; left > 0 && this.#fresh.length > 0; left--) this.#inspect(this.#fresh.shift()!);
    for (; left > 0 && this.#due >= 1; left--, this.#due--) {
      if (this.#turn.length === 0) this.#turn = [...this.#folders.values()].reverse();
      const folder = this.#turn.pop();
      if (folder !== undefined && this.#folders.get(folder.path) === folder) this.#inspect(folder);
      for (; left > 1 && this.#fresh.length > 0; left--) this.#inspect(this.#fresh.shift()!);
    }
  }

  /** A group was found gone: another of the same name may have taken its place. */
  forget(path: GroupPath): void {
    const parent = this.#folders.get(path.slice(0, path.lastIndexOf('/')));
    this.#leave(path);
    if (parent === undefined) return;
    parent.children.delete(path);
    parent.links = undefined;
  }

  #watch(path: GroupPath, depth: number): void {
    const folder: Folder = { path, depth, links: undefined, children: new Set() };
    this.#folders.set(path, folder);
    this.#fresh.push(folder);
  }

  /** No longer looks at a directory, nor at those below. */
  #leave(path: GroupPath): void {
    const folder = this.#folders.get(path);
    if (folder === undefined) return;
    this.#folders.delete(path);
    for (const child of folder.children) {
      this.#listener.gone(child);
      this.#leave(child);
    }
  }

  #inspect(folder: Folder): void {
    const links = this.#linksOf(folder.path);
    if (links !== 0 && links === folder.links) return;
    folder.links = links;
    const present = this.#childrenOf(folder.path);
    for (const child of folder.children) {
      if (present.has(child)) continue;
      folder.children.delete(child);
      this.#listener.gone(child);
      this.#leave(child);
    }
    for (const child of present) {
      if (folder.children.has(child)) continue;
      folder.children.add(child);
      this.#meet(child, folder.depth + 1);
    }
    this.#judgeAgain(folder);
  }

  #meet(path: GroupPath, depth: number): void {
    const group = groupAt(path);
    if (group.holdsGroups && depth < DEEPEST) this.#watch(path, depth);
    if (group.kind !== undefined && group.onlyAsLeaf === undefined) this.#listener.found(path, group);
  }

  /** What nobody knows by its name counts while nothing lies below. */
  #judgeAgain({ path, children }: Folder): void {
    if (path === '') return;
    const group = groupAt(path);
    if (group.onlyAsLeaf === undefined) return;
    if (children.size === 0) this.#listener.found(path, group);
    else this.#listener.gone(path);
  }

  /** 0 where the file system does not count them, and when there is no such directory any more. */
  #linksOf(path: GroupPath): number {
    let all = 0;
    for (const root of this.#roots) {
      const links = linksAt(placeIn(root, path));
      if (links === 1) return 0;
      all += links;
    }
    return all;
  }

  #childrenOf(path: GroupPath): Set<GroupPath> {
    const children = new Set<GroupPath>();
    for (const root of this.#roots) {
      const place = placeIn(root, path);
      for (const entry of entriesOf(place)) if (entry.isDirectory()) children.add(`${path}/${entry.name}`);
    }
    return children;
  }
}

function linksAt(place: string | Buffer): number {
  try {
    return statSync(place, { throwIfNoEntry: false })?.nlink ?? 0;
  } catch {
    return 0;
  }
}

/** None when it is gone, has none, or may not be read. */
function entriesOf(place: string | Buffer): readonly Dirent[] {
  try {
    if (linksAt(place) === LINKS_OF_LEAF) return [];
    return readdirSync(place, { withFileTypes: true, encoding: 'latin1' });
  } catch {
    return [];
  }
}
