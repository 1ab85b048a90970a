import type { HelloFrame, SubscribedFrame } from '../../wire/protocol/frames.ts';
import { collectorStatuses, type StreamSource } from '../source/source.ts';
import type { Subscription } from '../subscriptions/subscription.ts';

/** What the hello frame says of the server. */
export interface ServerFacts {
  readonly source: StreamSource;
  readonly version: string;
  readonly hostname: string;
}

/** The first frame on a connection. */
export function helloFrame(facts: ServerFacts, run: string, subscription: Subscription): HelloFrame {
  const { source, version, hostname } = facts;
  return {
    type: 'hello',
    protocol: subscription.protocol,
    version,
    hostname,
    interval_ms: subscription.intervalMs || source.intervalMs,
    collectors: collectorStatuses(source).filter(
      ({ name }) => subscription.collectors === undefined || subscription.collectors.includes(name),
    ),
    run,
  };
}

/** The answer to a subscription on the open socket. */
export function subscribedFrame({ source }: ServerFacts, subscription: Subscription): SubscribedFrame {
  const { format, aggregate, collectors, protocol } = subscription;
  return {
    type: 'subscribed',
    interval_ms: subscription.intervalMs || source.intervalMs,
    collectors: [...(collectors ?? source.collectors.map(({ name }) => name))],
    format,
    aggregate,
    ...(protocol > 1 && { protocol }),
  };
}
