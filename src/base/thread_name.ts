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
