/** What tells the data of this host from that of others, wherever data of several hosts meet. */
export interface HostLabels {
  /** The host name, unless somebody chose another. */
  readonly host: string;
  readonly [name: string]: string;
}
