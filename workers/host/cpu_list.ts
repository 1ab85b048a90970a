/** The CPU ids of a list such as `0-3,8`; empty for text that is none. */
export function parseCpuIds(text: string): number[] {
  const ids: number[] = [];
  for (const part of text.split(',')) {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (from === undefined || Number(to) - Number(from) > 65_535) return [];
    for (let id = Number(from); id <= Number(to); id++) ids.push(id);
  }
  return ids;
}
