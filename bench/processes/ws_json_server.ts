import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { PROGRAMS } from '../paths.ts';
import { MeasuredProcess } from './measured_process.ts';

/** The control of the fan-out: `ws`, and JSON made anew for each client. */
export class WsJsonServer extends MeasuredProcess {
  readonly url: string;

  /** Starts sending the given snapshot at every tick. */
  static async start(hz: number, snapshot: Snapshot): Promise<WsJsonServer> {
    const child = fork(`${PROGRAMS}controls/ws_json_server.js`, [String(hz)]);
    const [url]: string[] = await once(child, 'message');
    child.send(snapshot);
    return new WsJsonServer(child, url!);
  }

  private constructor(child: MeasuredProcess['child'], url: string) {
    super(child);
    this.url = url;
  }
}
