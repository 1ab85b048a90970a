import { statSync } from 'node:fs';
import { errorCode, HzstatError } from '../../src/base/errors.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { pathOf } from '../host/mount_table.ts';
import { type Mount, parseMountInfo } from '../parse/mountinfo.ts';

/** The controllers of version 1 that are read, each in a tree of its own or together with another. */
const CONTROLLERS = ['cpuacct', 'cpu', 'memory', 'blkio', 'pids'] as const;
export type Controller = (typeof CONTROLLERS)[number];

/** Where the trees of groups are mounted; a host may have version 2, version 1, or both (hybrid). */
export interface Hierarchy {
  /** The tree of version 2. */
  readonly unified?: string;
  /** The trees of version 1. */
  readonly trees: Readonly<Partial<Record<Controller, string>>>;
}

/** Where to look for groups: the trees that account CPU time and memory, or whatever there is. */
export function rootsOf({ unified, trees }: Hierarchy): readonly string[] {
  const preferred = [trees.cpuacct ?? trees.cpu, trees.memory, unified];
  const found = preferred.filter((root) => root !== undefined);
  return [...new Set(found.length > 0 ? found : Object.values(trees))];
}

/**
 * Finds out what of control groups is mounted where: from this process's table of mounts, which has a namespace of
 * its own, and of another root from that of its init; from the other one where that names nothing that is there.
 */
export class HierarchyTable {
  readonly #rootfs: string;
  readonly #tables: readonly KernelFile[];
  #latest: Buffer = Buffer.alloc(0);
  #latestPath = '';
  #hierarchy: Hierarchy = { trees: {} };

  constructor(rootfs: string) {
    this.#rootfs = rootfs;
    const paths = [`${rootfs}/proc/1/mountinfo`, `${rootfs}/proc/self/mountinfo`];
    if (rootfs === '') paths.reverse();
    this.#tables = paths.map((path) => new KernelFile(path));
  }

  /**
   * Another object only when something has changed.
   *
   * @throws HzstatError SOURCE_MISSING (also where none is mounted), SOURCE_FORBIDDEN, SOURCE_UNREADABLE or
   * SOURCE_MALFORMED
   */
  read(): Hierarchy {
    let failure: unknown;
    for (const table of this.#tables) {
      try {
        return this.#readFrom(table);
      } catch (error) {
        // What is there and makes no sense is no reason to believe another.
        if (errorCode(error, 'SOURCE_UNREADABLE') === 'SOURCE_MALFORMED') throw error;
        failure = error;
      }
    }
    throw failure;
  }

  #readFrom(table: KernelFile): Hierarchy {
    const length = table.read();
    const { bytes, path } = table;
    const content = bytes.subarray(0, length);
    if (length > 0 && path === this.#latestPath && content.equals(this.#latest)) return this.#hierarchy;
    const hierarchy = this.#hierarchyOf(parseMountInfo(bytes, length, path).mounts);
    if (rootsOf(hierarchy).length === 0)
      throw new HzstatError(
        'SOURCE_MISSING',
        `${path} has no mount of control groups: mount them with "mount -t cgroup2 none /sys/fs/cgroup", or give this process the host's`,
      );
    if (JSON.stringify(hierarchy) !== JSON.stringify(this.#hierarchy)) this.#hierarchy = hierarchy;
    this.#latest = Buffer.from(content);
    this.#latestPath = path;
    return this.#hierarchy;
  }

  close(): void {
    for (const table of this.#tables) table.close();
  }

  #hierarchyOf(mounts: readonly Mount[]): Hierarchy {
    let unified: string | undefined;
    const trees: Partial<Record<Controller, string>> = {};
    // A tree that is mounted again elsewhere shows a part of it there, as containers see it: whole ones come first.
    const whole = mounts.toSorted((a, b) => Number(b.root === '/') - Number(a.root === '/'));
    for (const mount of whole) {
      if (mount.filesystem === 'cgroup2') unified ??= this.#placeOf(mount);
      if (mount.filesystem !== 'cgroup') continue;
      const options = mount.options.split(',');
      for (const controller of CONTROLLERS) {
        if (!options.includes(controller) || trees[controller] !== undefined) continue;
        const place = this.#placeOf(mount);
        if (place !== undefined) trees[controller] = place;
      }
    }
    return { ...(unified !== undefined && { unified }), trees };
  }

  /**
   * Where a mount is found from here. Under another root the table is either that of its own init, whose paths begin
   * there, or this process's, whose paths are whole.
   */
  #placeOf(mount: Mount): string | undefined {
    const places = [pathOf(this.#rootfs, mount), mount.mountPoint];
    const inside = this.#rootfs !== '' && mount.mountPoint.startsWith(`${this.#rootfs}/`);
    return places
      .slice(0, inside ? 2 : 1)
      .find((place): place is string => typeof place === 'string' && isDirectory(place));
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}
