export { HzstatError } from '../base/errors.ts';
export type { Incident, IncidentProcess, IncidentReport } from '../model/incidents/incident.ts';
export type * from '../model/snapshot.ts';
export type { Frame, GapFrame, HelloFrame, IncidentFrame, SubscribedFrame } from '../wire/protocol/frames.ts';
export { type ConnectOptions, HzstatClient } from './client.ts';
export type { Start, Subscription } from './endpoint.ts';
export { serverIncident, serverIncidents } from './incidents.ts';
export type { QueryResult } from './query.ts';
export type { ClientTls } from './tls.ts';
