/**
 * The sum of the low watermarks of all zones in /proc/zoneinfo, in pages: what the kernel keeps free before it
 * starts to reclaim. Needed on kernels before 3.14 only.
 *
 *     Node 0, zone   Normal
 *       pages free     30521
 *             min      1500
 *             low      1875
 */
export function parseLowWatermarkPages(text: string): number {
  let pages = 0;
  for (const [, low] of text.matchAll(/^\s+low\s+(\d+)$/gm)) pages += Number(low);
  return pages;
}
