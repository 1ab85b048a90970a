import { namesIn } from '../files/slow_file.ts';

/** More devices than this come and go on no host: then they are asked about anew. */
const MOST_KNOWN = 4_096;

/** Which devices, by `major:minor`, stand on others: what is transferred through them is counted below again. */
export function stackedDevices(rootfs: string): (device: string) => boolean {
  const known = new Map<string, boolean>();
  return (device) => {
    let isStacked = known.get(device);
    if (isStacked === undefined) {
      if (known.size >= MOST_KNOWN) known.clear();
      isStacked = namesIn(`${rootfs}/sys/dev/block/${device}/slaves`).length > 0;
      known.set(device, isStacked);
    }
    return isStacked;
  };
}
