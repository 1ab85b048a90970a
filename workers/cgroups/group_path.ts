import { kernelText } from '../parse/kernel_text.ts';

/**
 * The path of a group below the root of its tree, such as `/system.slice/nginx.service`; '' is the root itself. One
 * character a byte, because to the kernel a name is bytes.
 */
export type GroupPath = string;

const ASCII = /^\p{ASCII}*$/u;

/** Where a group, or a file of it, is found in a tree. */
export function placeIn(root: string, path: GroupPath, file?: string): string | Buffer {
  const rest = file === undefined ? path : `${path}/${file}`;
  if (ASCII.test(rest)) return root + rest;
  return Buffer.concat([Buffer.from(root), Buffer.from(rest, 'latin1')]);
}

/** A path, or a part of one, as it is shown. */
export function shownPath(path: GroupPath): string {
  return ASCII.test(path) ? path : kernelText(Buffer.from(path, 'latin1'));
}
