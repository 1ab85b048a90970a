import { WebSocket } from 'ws';

const MESSAGE_TOO_BIG = 1009;

/**
 * A WebSocket that is cut when a message is larger than what is read at all, as the other engine does: up to that
 * size the routes tell the client why, beyond it nothing more is read from it.
 */
export class CuttingWebSocket extends WebSocket {
  /** Called by the library with a bare code when a message breaks its rules. */
  override close(code?: number, reason?: string | Buffer): void {
    if (code === MESSAGE_TOO_BIG && reason === undefined) this.terminate();
    else super.close(code, reason);
  }
}
