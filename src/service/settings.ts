import type { HostLabels } from '../base/host_labels.ts';
import type { LakePlace } from '../forward/lake/lake_place.ts';
import type { WrittenWatch } from '../incidents/watches/watch_syntax.ts';
import type { CollectorName } from '../model/collectors.ts';

/** What is sampled, and from where. */
export interface SamplingOptions {
  interval: number;
  collectors: CollectorName[];
  /** Addresses of the modules given by path. */
  collector: string[];
  rootfs: string;
  perfCpus: string;
}

/** What tells this host from others. */
export interface LabelOptions {
  label: HostLabels;
}

/** Where raw snapshots are taken, if anywhere, and how. */
export interface LakeOptions {
  lake?: LakePlace;
  /** In milliseconds. */
  lakePeriod: number;
  /** In bytes per second. */
  lakeRate: number;
}

/** Which engines are sent to, and how. */
export interface RemoteWriteOptions {
  remoteWrite?: string[];
  remoteWriteInterval?: number;
  remoteWriteFull?: string[];
  remoteWriteUser?: string;
  remoteWritePasswordFile?: string;
  remoteWriteTokenFile?: string;
  remoteWriteCa?: string;
  remoteWriteCert?: string;
  remoteWriteKey?: string;
  remoteWriteHeader?: (readonly [name: string, value: string])[];
}

/** Whether, where and how long snapshots are recorded. */
export interface HistoryOptions {
  history: boolean;
  dataDir: string;
  retention: number;
  retentionIncidents: number;
  /** Undefined for 26 times `retention`, and no less than `retentionIncidents`. */
  retentionRollups?: number;
  retentionBytes: number;
}

/** What is watched for, and what is done about it. */
export interface WatchOptions {
  watch: WrittenWatch[];
  /** False for no watches at all. */
  watches: boolean;
  /** The program that is told. */
  onIncident?: string;
  evidenceArguments?: boolean;
}

/** Where the secret is. */
export interface TokenOptions {
  token?: string;
  tokenFile?: string;
}

/** Who may use the server. */
export interface AccessOptions extends TokenOptions {
  tlsCert?: string;
  tlsKey?: string;
  tlsClientCa?: string;
  allowOrigin?: string[];
  maxConnections: number;
  requireToken?: boolean;
}
