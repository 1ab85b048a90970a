import { mkdirSync, writeFileSync } from 'node:fs';
import { makeDirectory, removeDirectory } from './directory.ts';
import type { Peer, RunningPeer } from './peer.ts';
import { launch, missingProgram } from './program.ts';

/** All but the plugins that read /proc and the disks' space. */
const UNWANTED_PLUGINS = [
  'apps',
  'cgroups',
  'charts.d',
  'cups',
  'debugfs',
  'ebpf',
  'enable running new plugins',
  'fping',
  'freeipmi',
  'go.d',
  'idlejitter',
  'ioping',
  'netdata monitoring',
  'netdata monitoring extended',
  'nfacct',
  'node.d',
  'perf',
  'python.d',
  'slabinfo',
  'statsd',
  'systemd-journal',
  'tc',
  'timex',
  'xenstat',
];

/** The daemon with what reads the same, kept in memory, and no web server. */
export const netdata: Peer = {
  name: 'netdata, proc and diskspace',
  does: 'keeps in memory',
  // It counts in whole seconds.
  rates: [1],
  absence: () => missingProgram('netdata-core', ['netdata']),
  async start(): Promise<RunningPeer> {
    const directory = makeDirectory('netdata');
    const config = `${directory}/netdata.conf`;
    const folders = ['cache', 'lib', 'log'];
    for (const folder of folders) mkdirSync(`${directory}/${folder}`);
    writeFileSync(
      config,
      [
        '[directories]',
        ...folders.map((folder) => `${folder} = ${directory}/${folder}`),
        `lock = ${directory}/lib`,
        `registry = ${directory}/lib`,
        ...['[db]', 'mode = ram', '[web]', 'mode = none', '[health]', 'enabled = no', '[ml]', 'enabled = no'],
        '[plugins]',
        ...UNWANTED_PLUGINS.map((plugin) => `${plugin} = no`),
        '',
      ].join('\n'),
    );
    const user = process.getuid?.() === 0 ? ['-u', 'root'] : [];
    const run = launch('netdata', ['-D', '-c', config, ...user]);
    return {
      pids: [run.pid],
      async stop() {
        await run.stop();
        removeDirectory(directory);
        return undefined;
      },
    };
  },
};
