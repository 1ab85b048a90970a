/** What a client in Node trusts beside the well-known authorities, and what it shows of itself; PEM, not paths. */
export interface ClientTls {
  /** The authority that signed the server's certificate. */
  readonly ca?: string | undefined;
  /** The client's own certificate and its key, for a server that asks for them. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}
