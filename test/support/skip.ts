/** What a machine that runs the whole suite for us must have; a skip for its lack fails there. */
const EXPECTED_ON_CI: readonly string[] = [
  'perf that may count on whole CPUs',
  "Debian's python3-psutil",
  "Debian's python3-msgpack",
  'chromium',
  'promtool',
  'prometheus',
  'victoria-metrics',
  'libfaketime',
  'network namespaces',
  'tmux',
  'zsh',
  'fish',
  'busybox sh',
  'groff',
  'openssl',
  'uWebSockets.js on Node 20',
  'what npm run package makes',
  'root, who may mount and change root',
  'root, who may mount an overlay over this host',
  'dpkg',
  'systemd-analyze',
  'systemd-nspawn',
  'groff',
  'bash',
  'zsh',
  'fish',
];

/**
 * For `test.skipIf`: true when the host lacks something a test needs, after saying so.
 *
 * @throws Error on CI when the lack is one that CI must not have
 */
export function skipUnless(what: string, present: boolean): boolean {
  if (present) return false;
  if (process.env.CI && EXPECTED_ON_CI.includes(what)) throw new Error(`CI must have ${what}`);
  process.stderr.write(`SKIPPED for want of ${what}\n`);
  return true;
}
