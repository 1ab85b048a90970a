import type { Region } from './region.ts';

interface Area<T> {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly target: T;
}

/** What lies where on the screen, for whoever points at it. */
export class Hits<T> {
  readonly #areas: Area<T>[] = [];

  clear(): void {
    this.#areas.length = 0;
  }

  /** What is added later lies above. */
  add({ left, top, width, height }: Region, target: T): void {
    this.#areas.push({ left, top, right: left + width, bottom: top + height, target });
  }

  at(x: number, y: number): T | undefined {
    const isInside = ({ left, top, right, bottom }: Area<T>): boolean =>
      x >= left && x < right && y >= top && y < bottom;
    return this.#areas.findLast(isInside)?.target;
  }
}
