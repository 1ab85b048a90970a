import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Waits until a server that was started says where it listens.
 *
 * @returns that, and the lines it says on stderr, to which more are added
 * @throws Error with what it said when it ends instead
 */
export function listening(server: ChildProcess): Promise<{ url: string; lines: readonly string[] }> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    createInterface({ input: server.stderr! }).on('line', (line) => {
      lines.push(line);
      const url = /listens on (\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve({ url, lines });
    });
    server.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${lines.join('\n')}`)));
  });
}
