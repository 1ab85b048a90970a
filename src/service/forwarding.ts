import { HzstatError } from '../base/errors.ts';
import type { Forward } from '../forward/forward.ts';
import { authorization, clientTls } from '../forward/sending/credentials.ts';
import type { RemoteWriteSettings } from '../forward/sending/settings.ts';
import type { TargetStatus } from '../forward/sending/target.ts';
import { COLLECTOR_NAMES } from '../model/collectors.ts';
import type { RemoteWriteSampling } from '../model/snapshot.ts';
import { isLoopback } from '../server/access/access.ts';
import type { RemoteWriteStatus } from '../server/source/source.ts';
import { exposure } from './exposure.ts';
import type { HistoryOptions, LabelOptions, RemoteWriteOptions, SamplingOptions } from './settings.ts';
import { VERSION } from './version.ts';

/** Of what history may take, this part may be kept beside it for receivers that are away. */
const KEPT_SHARE = 1 / 4;

/** What is sent and where, and what the user ought to know of that. */
export interface Forwarding {
  readonly settings: RemoteWriteSettings;
  readonly warnings: readonly string[];
}

/**
 * Makes of the flags what is sent to other engines; undefined for nothing.
 *
 * @throws HzstatError BAD_FLAG
 */
export function forwardingOf(
  options: RemoteWriteOptions & HistoryOptions & LabelOptions & SamplingOptions,
): Forwarding | undefined {
  const { remoteWrite: urls = [] } = options;
  if (urls.length === 0) return undefined;
  const settings: RemoteWriteSettings = {
    urls,
    intervalMs: options.remoteWriteInterval ?? 1_000,
    full: options.remoteWriteFull ?? [],
    labels: options.label,
    user: options.remoteWriteUser,
    passwordFile: options.remoteWritePasswordFile,
    tokenFile: options.remoteWriteTokenFile,
    ca: options.remoteWriteCa,
    cert: options.remoteWriteCert,
    key: options.remoteWriteKey,
    headers: options.remoteWriteHeader ?? [],
    dataDir: options.history ? options.dataDir : undefined,
    keptBytes: options.retentionBytes * KEPT_SHARE,
    version: VERSION,
  };
  check(settings, options.collector.length > 0);
  const secret = authorization(settings);
  clientTls(settings);
  const warnings = [settings.passwordFile, settings.tokenFile, settings.key].flatMap((path) =>
    path === undefined ? [] : exposure(path),
  );
  for (const url of urls) if (secret !== undefined && isInTheOpen(url)) warnings.push(openSecret(url));
  return { settings, warnings };
}

function check({ urls, user, passwordFile, cert, key, full }: RemoteWriteSettings, hasCustom: boolean): void {
  const twice = urls.find((url, place) => urls.indexOf(url) !== place);
  if (twice !== undefined) throw new HzstatError('BAD_FLAG', `--remote-write ${twice} is given twice`);
  if ((user === undefined) !== (passwordFile === undefined))
    throw new HzstatError(
      'BAD_FLAG',
      'a user needs both --remote-write-user and --remote-write-password-file',
    );
  if ((cert === undefined) !== (key === undefined))
    throw new HzstatError('BAD_FLAG', 'a certificate needs both --remote-write-cert and --remote-write-key');
  const known: readonly string[] = [...COLLECTOR_NAMES, 'sampling'];
  for (const pattern of full) {
    const [name = ''] = pattern.split(/[.*]/);
    const isWhole = pattern.startsWith(`${name}.`);
    const isKnown = isWhole ? known.includes(name) : known.some((each) => each.startsWith(name));
    if (isKnown || hasCustom) continue;
    throw new HzstatError(
      'BAD_FLAG',
      `--remote-write-full: no field begins as "${pattern}" does; "hzstat fields" lists all`,
    );
  }
}

function isInTheOpen(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

function openSecret(url: string): string {
  return `what lets hzstat write to ${url} travels unencrypted: https:// mends that`;
}

/** How sending fares, for every snapshot. */
export function remoteWriteReport(forward: Forward): () => RemoteWriteSampling {
  return () => {
    const { targets } = forward;
    const sum = (of: (target: TargetStatus) => number): number =>
      targets.reduce((total, target) => total + of(target), 0);
    const sampling: RemoteWriteSampling = {
      remote_write_sent_samples: sum(({ sentSamples }) => sentSamples),
      remote_write_dropped_samples: sum(({ droppedSamples }) => droppedSamples),
      remote_write_skipped_snapshots: sum(({ skippedSnapshots }) => skippedSnapshots),
      remote_write_retries: sum(({ retries }) => retries),
    };
    if (targets.length > 0) sampling.remote_write_lag_ms = Math.max(...targets.map(lagMs));
    return sampling;
  };
}

/** How each receiver fares, for `/health`. */
export function remoteWriteStatus(forward: Forward): () => readonly RemoteWriteStatus[] {
  return () =>
    forward.targets.map((target) => ({
      url: target.url,
      state: target.state,
      lag_ms: lagMs(target),
      sent_samples: target.sentSamples,
      dropped_samples: target.droppedSamples,
      skipped_snapshots: target.skippedSnapshots,
      retries: target.retries,
      ...(target.message !== undefined && { message: target.message }),
    }));
}

/** Of what was sampled until now, how much time the receiver does not have yet. */
function lagMs({ sentUntilMs }: TargetStatus): number {
  return Math.max(0, Date.now() - sentUntilMs);
}
