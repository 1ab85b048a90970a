import type { EncodedSnapshot } from '../../wire/encoded_snapshot.ts';
import { IntervalFold } from './interval_fold.ts';
import { endsInterval, type Tick, TickReader } from './tick.ts';

/** One interval that somebody wants snapshots of. */
export interface ThinnedInterval {
  readonly intervalMs: number;
  /** What was completed since this was asked last. */
  take(): readonly EncodedSnapshot[];
}

/** An interval, and the shorter one it is made from. */
class Node implements ThinnedInterval {
  readonly intervalMs: number;
  readonly withExtremes: boolean;
  readonly fold: IntervalFold;
  readonly children = new Set<Node>();
  /** None where every snapshot is taken in by itself. */
  parent: Node | undefined;
  users = 0;
  /** The version of the tree in which the parent was chosen. */
  chosenAt = -1;
  completed: EncodedSnapshot[] = [];

  constructor(intervalMs: number, withExtremes: boolean) {
    this.intervalMs = intervalMs;
    this.withExtremes = withExtremes;
    this.fold = new IntervalFold(intervalMs, withExtremes);
  }

  take(): readonly EncodedSnapshot[] {
    const { completed } = this;
    if (completed.length > 0) this.completed = [];
    return completed;
  }

  /** Whether what it completes is part of what the other one is to complete. */
  feeds(other: Node): boolean {
    if (this === other || other.intervalMs % this.intervalMs !== 0) return false;
    if (this.intervalMs < other.intervalMs) return this.withExtremes || !other.withExtremes;
    return this.withExtremes && !other.withExtremes;
  }

  setParent(parent: Node | undefined): void {
    this.parent?.children.delete(this);
    this.parent = parent;
    parent?.children.add(this);
  }
}

/**
 * Thins snapshots for all intervals somebody wants, each folded once however many want it: a second from fifths of
 * a second where there are such, and only otherwise from every snapshot. An interval that divides another begins
 * and ends where the other does, so that sums and extremes of the one go into the other as they are.
 */
export class ThinningTree {
  readonly #reader = new TickReader();
  /** The shorter before the longer, so that who feeds is finished before who is fed. */
  #nodes: Node[] = [];
  #version = 0;

  /** Folds done with every snapshot, on average. */
  foldsPerTick(tickMs: number): number {
    return this.#nodes.reduce(
      (sum, { parent }) => sum + Math.min(1, tickMs / (parent?.intervalMs ?? tickMs)),
      0,
    );
  }

  /** How long it takes until an interval is fed again by what it would be made from; infinite for one there is. */
  feedingIntervalMs(intervalMs: number, withExtremes: boolean, tickMs: number): number {
    if (this.#nodes.some((known) => isFor(known, intervalMs, withExtremes))) return Number.POSITIVE_INFINITY;
    const node = new Node(intervalMs, withExtremes);
    return this.#nodes.findLast((known) => known.feeds(node))?.intervalMs ?? tickMs;
  }

  /**
   * Lets somebody have an interval.
   *
   * @param begun what there was in the one under way, where somebody has followed the snapshots so far
   */
  join(intervalMs: number, withExtremes: boolean, begun?: IntervalFold): ThinnedInterval {
    let node = this.#nodes.find((known) => isFor(known, intervalMs, withExtremes));
    if (node === undefined) {
      node = new Node(intervalMs, withExtremes);
      this.#nodes = [...this.#nodes, node].sort(byLength);
      this.#version++;
      // What another one has begun may be in there already: then it chooses when this interval is over.
      if (begun === undefined || begun.isEmpty) this.#choose(node);
      else node.fold.merge(begun);
    }
    node.users++;
    return node;
  }

  leave(interval: ThinnedInterval): void {
    const node = this.#nodes.find((known) => known === interval);
    if (node === undefined || --node.users > 0) return;
    this.#nodes = this.#nodes.filter((known) => known !== node);
    this.#version++;
    for (const child of [...node.children]) {
      // What it had begun goes to those it was for; they go on with what it was made from.
      child.fold.merge(node.fold);
      child.setParent(node.parent);
    }
    node.setParent(undefined);
  }

  add(snapshot: EncodedSnapshot): void {
    if (this.#nodes.length === 0) return;
    const tick = this.#reader.read(snapshot);
    for (const node of this.#nodes) if (node.fold.isOverAt(tick)) this.#complete(node);
    for (const node of this.#nodes) this.#feed(node, tick);
  }

  #feed(node: Node, tick: Tick): void {
    if (node.intervalMs <= tick.intervalMs) {
      node.completed.push(tick.snapshot);
      return;
    }
    const { parent } = node;
    if (parent === undefined || parent.intervalMs <= tick.intervalMs) node.fold.add(tick);
    if (endsInterval(tick, node.intervalMs)) this.#complete(node);
  }

  #complete(node: Node): void {
    const snapshot = node.fold.snapshot();
    if (snapshot !== undefined) node.completed.push(snapshot);
    for (const child of node.children) child.fold.merge(node.fold);
    node.fold.clear();
    // Only here nothing is under way in it, nor in any that could feed it.
    if (node.chosenAt !== this.#version) this.#choose(node);
  }

  #choose(node: Node): void {
    node.chosenAt = this.#version;
    node.setParent(this.#nodes.findLast((known) => known.feeds(node)));
  }
}

function isFor(node: Node, intervalMs: number, withExtremes: boolean): boolean {
  return node.intervalMs === intervalMs && node.withExtremes === withExtremes;
}

/** Of the same length the one with extremes first: it can feed the other. */
function byLength(one: Node, other: Node): number {
  return one.intervalMs - other.intervalMs || Number(other.withExtremes) - Number(one.withExtremes);
}
