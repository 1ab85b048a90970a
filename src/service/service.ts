import { hostname } from 'node:os';
import { Forward } from '../forward/forward.ts';
import type { Lake } from '../forward/lake/lake.ts';
import { History } from '../history/history.ts';
import type { Incidents } from '../incidents/incidents.ts';
import { NoteFile } from '../incidents/note_file.ts';
import { MARKS_FILE } from '../model/incidents/incident.ts';
import { HostClock } from '../sampling/host_clock/host_clock.ts';
import type { MetricsAggregator } from '../sampling/metrics_aggregator.ts';
import type { Address, Engine, EngineName } from '../server/engine/engine.ts';
import { StreamServer } from '../server/stream_server.ts';
import { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import type { Admission } from './admission.ts';
import { type Forwarding, remoteWriteReport, remoteWriteStatus } from './forwarding.ts';
import { incidentFrame, incidentSource } from './incident_service.ts';
import { checkLake, lakeFor } from './lake.ts';
import { historyReport, historySettings, queryService } from './recording.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { SamplerEvents } from './sampler_events.ts';
import type { HistoryOptions, LabelOptions, LakeOptions, SamplingOptions, WatchOptions } from './settings.ts';
import { stoppedInTime } from './shutdown.ts';
import { VERSION } from './version.ts';
import { openIncidents, watchOver } from './watching.ts';

export interface ServiceOptions
  extends SamplingOptions,
    HistoryOptions,
    WatchOptions,
    LabelOptions,
    LakeOptions {
  listen: Address;
}

/** Sampler, stream and history wired together. */
export class Service {
  readonly sampler: Sampler;
  readonly port: number;
  readonly engine: EngineName;
  readonly incidents: Incidents | undefined;
  readonly #server: StreamServer;
  readonly #history: History | undefined;
  readonly #lake: Lake | undefined;
  readonly #forward: Forward | undefined;
  readonly #events: SamplerEvents | undefined;
  readonly #clock = new HostClock();

  /** Opens history and the port; nothing is sampled before the aggregator is started. */
  static async open(
    options: ServiceOptions,
    { access, tls, limits }: Admission,
    engine: Engine,
    forwarding?: Forwarding,
  ): Promise<Service> {
    checkLake(options);
    const history = options.history ? await History.open(historySettings(options)) : undefined;
    const lake = lakeFor(options, history);
    let incidents: Incidents | undefined;
    let forward: Forward | undefined;
    try {
      // Only who holds the directory's lock may write there.
      const sampler = await createSampler(options, (ownCollectors) => {
        incidents = openIncidents(options, ownCollectors);
        return incidents;
      });
      // What is sent is kept there, too.
      forward = forwarding && new Forward(forwarding.settings);
      const server = await StreamServer.start({
        engine,
        listen: options.listen,
        access,
        tls,
        limits,
        source: sampler.aggregator,
        history: history && queryService(history, () => sampler.aggregator.drain()),
        snapshotStore: history,
        remoteWrite: forward && remoteWriteStatus(forward),
        incidents: incidents && incidentSource(incidents, sampler.aggregator),
        marks: history && new NoteFile(options.dataDir, MARKS_FILE),
        lake,
        version: VERSION,
        hostname: hostname(),
      });
      const events = history && new SamplerEvents(options.dataDir);
      return new Service(sampler, server, history, incidents, lake, forward, events);
    } catch (error) {
      await incidents?.close();
      await lake?.close();
      const recorded = history?.close() ?? Promise.resolve();
      await Promise.all([recorded, forward?.close(recorded)]);
      throw error;
    }
  }

  private constructor(
    sampler: Sampler,
    server: StreamServer,
    history: History | undefined,
    incidents: Incidents | undefined,
    lake: Lake | undefined,
    forward: Forward | undefined,
    events: SamplerEvents | undefined,
  ) {
    this.sampler = sampler;
    this.port = server.port;
    this.engine = server.engine;
    this.incidents = incidents;
    this.#server = server;
    this.#history = history;
    this.#lake = lake;
    this.#forward = forward;
    this.#events = events;
    if (events !== undefined) this.aggregator.onEvent = (text) => events.note(text);
    events?.note(`hzstat ${VERSION} started`);
    this.aggregator.reportClock(() => this.#clock.report);
    if (forward !== undefined) this.aggregator.reportRemoteWrite(remoteWriteReport(forward));
    if (history !== undefined) this.aggregator.reportHistory(historyReport(history));
    if (incidents !== undefined) {
      watchOver(this.aggregator, incidents);
      incidents.subscribe((phase, report) =>
        server.tellIncident(incidentFrame(phase, report, this.aggregator.sequence)),
      );
    }
    this.aggregator.subscribe((snapshots) => {
      if (history !== undefined) {
        for (const snapshot of snapshots) history.record(snapshot);
        history.flushIfDue();
      } else if (forward !== undefined) for (const snapshot of snapshots) forward.record(snapshot);
      this.aggregator.work.except(() =>
        server.publish(snapshots.map((snapshot) => new EncodedSnapshot(snapshot))),
      );
    });
  }

  get aggregator(): MetricsAggregator {
    return this.sampler.aggregator;
  }

  /** Tells clients, flushes and lets go of everything; whether that was possible, or a read hangs in the kernel. */
  async close(): Promise<boolean> {
    this.#clock.close();
    const told = this.#server.close();
    const stopped = await stoppedInTime(this.sampler);
    await told;
    this.#events?.note('hzstat stopped');
    await this.#events?.settled();
    const isEvidenceOver = (await this.incidents?.close()) ?? true;
    await this.#lake?.close();
    const recorded = this.#history?.close() ?? Promise.resolve();
    await Promise.all([recorded, this.#forward?.close(recorded)]);
    return stopped && isEvidenceOver && this.aggregator.latest?.disk?.partitions_stuck === undefined;
  }
}
