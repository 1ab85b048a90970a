import { statSync } from 'node:fs';

const GROUP = 0o070;
const OTHERS = 0o007;

/** What to say of a file with a secret in it that more people may read than have to: one sentence, or none. */
export function exposure(path: string): string[] {
  const { mode, uid, gid } = statSync(path);
  // What root wrote for the group of a service is read by that service alone.
  const isForService = uid === 0 && process.geteuid?.() !== 0 && gid === process.getegid?.();
  const tooMany = isForService ? OTHERS : OTHERS | GROUP;
  if ((mode & tooMany) === 0) return [];
  return [`other users of this machine may read ${path}: chmod ${isForService ? '640' : '600'} mends that`];
}
