import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GroupTree } from '../../../workers/cgroups/group_tree.ts';

let root: string;
let other: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hzstat-tree-'));
  other = mkdtempSync(join(tmpdir(), 'hzstat-tree-'));
});
afterEach(() => {
  for (const folder of [root, other]) rmSync(folder, { recursive: true, force: true });
});

const make = (path: string, from = root): void => {
  mkdirSync(join(from, path), { recursive: true });
};
const remove = (path: string, from = root): void => rmSync(join(from, path), { recursive: true });

/** The groups as a listener sees them, and time that passes in ticks of 100 ms. */
function watch(roots: readonly string[]) {
  const groups = new Set<string>();
  let nowNs = 1e9;
  const tree = new GroupTree(roots, {
    found: (path) => groups.add(path),
    gone: (path) => groups.delete(path),
  });
  return {
    tree,
    tick(ticks = 1): string[] {
      for (let i = 0; i < ticks; i++) {
        tree.step(nowNs);
        nowNs += 100e6;
      }
      return [...groups].sort();
    },
  };
}

test('groups of any depth are found in the first tick', () => {
  make('system.slice/a.service');
  make('user.slice/user-1.slice/user@1.service/app.slice/b.service');
  make('jobs/nightly/deep');
  expect(watch([root]).tick()).toEqual([
    '/jobs/nightly/deep',
    '/system.slice/a.service',
    '/user.slice/user-1.slice',
    '/user.slice/user-1.slice/user@1.service',
    '/user.slice/user-1.slice/user@1.service/app.slice/b.service',
  ]);
});

test('what comes and goes is seen within eleven ticks', () => {
  make('system.slice/a.service');
  const { tick } = watch([root]);
  tick();
  make('system.slice/b.service');
  make('x.slice/y.slice/c.service');
  expect(tick(11)).toEqual([
    '/system.slice/a.service',
    '/system.slice/b.service',
    '/x.slice/y.slice/c.service',
  ]);
  remove('system.slice/a.service');
  expect(tick(11)).toEqual(['/system.slice/b.service', '/x.slice/y.slice/c.service']);
  remove('x.slice');
  expect(tick(11)).toEqual(['/system.slice/b.service']);
});

test('one that is made again in the same second is found again when it is told gone', () => {
  make('system.slice/a.service');
  const { tree, tick } = watch([root]);
  tick();
  tree.forget('/system.slice/a.service');
  expect(tick(11)).toEqual(['/system.slice/a.service']);
});

test('what nobody knows by its name counts while nothing lies below', () => {
  make('jobs');
  const { tick } = watch([root]);
  expect(tick()).toEqual(['/jobs']);
  make('jobs/one');
  expect(tick(11)).toEqual(['/jobs/one']);
  remove('jobs/one');
  expect(tick(11)).toEqual(['/jobs']);
});

test('a group is found in any tree, and is gone when it is in none', () => {
  make('system.slice/a.service');
  make('system.slice/a.service', other);
  make('system.slice/b.service', other);
  const { tick } = watch([root, other]);
  expect(tick()).toEqual(['/system.slice/a.service', '/system.slice/b.service']);
  remove('system.slice/a.service');
  expect(tick(11)).toEqual(['/system.slice/a.service', '/system.slice/b.service']);
  remove('system.slice/a.service', other);
  expect(tick(11)).toEqual(['/system.slice/b.service']);
});

test('thousands of directories are looked at a bounded number a tick', () => {
  for (let i = 0; i < 300; i++) make(`k.slice/p${i}.slice/c.service`);
  const { tick } = watch([root]);
  expect(tick().length).toBeLessThanOrEqual(64);
  expect(tick(5)).toHaveLength(300);
});

test('roots that are gone, or were never there, are no groups', () => {
  const { tick } = watch([root, join(other, 'never')]);
  remove('.');
  expect(tick(3)).toEqual([]);
});
