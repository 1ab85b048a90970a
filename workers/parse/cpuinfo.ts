/**
 * The mean clock of all processors in /proc/cpuinfo, in MHz; undefined where the architecture does not print it.
 * Read once in a while only, so it may be text:
 *
 *     cpu MHz         : 2599.998          (x86)
 *     clock           : 3425.000000MHz    (PowerPC)
 *     cpu MHz dynamic : 5200              (s390x)
 */
export function parseCpuinfoMhz(text: string): number | undefined {
  let sum = 0;
  let count = 0;
  for (const [, mhz] of text.matchAll(
    /^(?:cpu MHz|cpu MHz dynamic|clock)\s*:\s*(\d+(?:\.\d+)?)(?:MHz)?\s*$/gm,
  )) {
    const value = Number(mhz);
    if (value > 0) {
      sum += value;
      count++;
    }
  }
  return count === 0 ? undefined : sum / count;
}
