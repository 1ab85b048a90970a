import { rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { unavailable } from './unavailable.ts';

/** Who may use a Unix socket: its owner and group; who those are is up to the directory and the service manager. */
export const SOCKET_FILE_MODE = 0o660;

/**
 * Makes room for a Unix socket: removes the one a server left that was killed, but no other's.
 *
 * @throws HzstatError PORT_UNAVAILABLE when a server listens there, or something else has the name
 */
export async function claimSocketFile(at: { readonly path: string }): Promise<void> {
  try {
    if (!statSync(at.path).isSocket())
      throw unavailable(at, 'there is a file of that name, and it is no socket');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw systemErrorCode(error) === undefined ? error : unavailable(at, errorMessage(error));
  }
  if (await answers(at.path)) throw unavailable(at, 'a server listens there');
  rmSync(at.path, { force: true });
}

/** Whether somebody takes connections at a Unix socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isAlive: boolean): void => {
      socket.destroy();
      resolve(isAlive);
    };
    socket.once('connect', () => settle(true));
    // A full backlog is a server, too.
    socket.once('error', (error) => settle(systemErrorCode(error) === 'EAGAIN'));
  });
}
