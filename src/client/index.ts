export { HzstatError } from '../shared/errors.ts';
export type * from '../shared/snapshot.ts';
export type { Frame, HelloFrame } from '../wire/frames.ts';
export { type ConnectOptions, HzstatClient } from './client.ts';
export type { Subscription } from './endpoint.ts';
