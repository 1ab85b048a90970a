/** One thing a host offers or withholds. */
export interface HostFinding {
  readonly subject: string;
  /** `limited` works, but tells less than it could. */
  readonly state: 'ok' | 'limited' | 'missing';
  readonly detail: string;
  /** What to do about it, where something can be done. */
  readonly remedy?: string;
}
