/** Prefix of thread names, which sets them apart from the runtime's own. */
const PREFIX = 'hz:';
/** Bytes the kernel keeps of a thread's name. */
const MOST_BYTES = 15;

/** A file through which a thread names itself, for `ps -T`, `top -H` and the account of what sampling costs. */
export const OWN_NAME_FILE = '/proc/thread-self/comm';

/** The name of the thread that does this, as the kernel keeps it. */
export function threadName(what: string): string {
  return `${PREFIX}${what}`.slice(0, MOST_BYTES);
}

export function isThreadName(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * Threads whose work is neither sampling nor recording, and has bounds of its own: looking at what other processes do,
 * most when the machine is busy, and sending to engines elsewhere.
 */
const OTHER_WORK: ReadonlySet<string> = new Set([threadName('evidence'), threadName('forward')]);

/** Whether what a thread of that name does is sampling or recording. */
export function isSamplingThread(name: string): boolean {
  return isThreadName(name) && !OTHER_WORK.has(name);
}
