import { describe, expect, test } from 'vitest';
import { groupAt } from '../../../workers/cgroups/group_name.ts';

const ID = '9f3c12ab34cd56ef'.repeat(4);
const POD = '3f6b2c1a-0d4e-4f5a-9b8c-7d6e5f4a3b2c';
const POD_UNIT = POD.replaceAll('-', '_');

/** Path, what it counts as, and its name. */
const GROUPS = [
  ['/system.slice/nginx.service', 'service', 'nginx.service'],
  ['/system.slice/system-getty.slice/getty@tty1.service', 'service', 'getty@tty1.service'],
  ['/system.slice/backup\\x2dhome.service', 'service', 'backup\\x2dhome.service'],
  ['/init.scope', 'scope', 'init.scope'],
  ['/user.slice/user-1000.slice', 'slice', 'user-1000.slice'],
  ['/user.slice/user-1000.slice/session-2.scope', 'scope', 'session-2.scope'],
  ['/user.slice/user-1000.slice/user@1000.service', 'service', 'user@1000.service'],
  [
    '/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service',
    'service',
    'user@1000/syncthing.service',
  ],
  [`/docker/${ID}`, 'container', 'docker/9f3c12ab34cd'],
  [`/system.slice/docker-${ID}.scope`, 'container', 'docker/9f3c12ab34cd'],
  [`/docker.slice/${ID}`, 'container', 'docker/9f3c12ab34cd'],
  [
    `/kubepods.slice/kubepods-pod${POD_UNIT}.slice/cri-containerd-${ID}.scope`,
    'container',
    'containerd/9f3c12ab34cd',
  ],
  [`/system.slice/containerd.service/a.slice:cri-containerd:${ID}`, 'container', 'containerd/9f3c12ab34cd'],
  [`/kubepods/burstable/pod${POD}/${ID}`, 'container', 'container/9f3c12ab34cd'],
  [`/kubepods/burstable/pod${POD}/crio-${ID}`, 'container', 'crio/9f3c12ab34cd'],
  [`/kubepods.slice/x.slice/crio-${ID}.scope`, 'container', 'crio/9f3c12ab34cd'],
  [`/machine.slice/libpod-${ID}.scope`, 'container', 'podman/9f3c12ab34cd'],
  [`/libpod_parent/libpod-${ID}`, 'container', 'podman/9f3c12ab34cd'],
  [`/system.slice/nerdctl-${ID}.scope`, 'container', 'nerdctl/9f3c12ab34cd'],
  ['/lxc.payload.web', 'container', 'lxc/web'],
  ['/lxc/web', 'container', 'lxc/web'],
  [`/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD_UNIT}.slice`, 'pod', `pod/${POD}`],
  [`/kubepods/besteffort/pod${POD}`, 'pod', `pod/${POD}`],
  ['/kubepods/pod00112233445566778899aabbccddeeff', 'pod', 'pod/00112233445566778899aabbccddeeff'],
  ['/machine.slice/machine-qemu\\x2d1\\x2dweb.scope', 'machine', 'machine/qemu-1-web'],
  ['/jobs/nightly', 'group', 'jobs/nightly'],
  ['/caf\xe9', 'group', 'caf\\xe9'],
  ['/__proto__', 'group', '__proto__'],
] as const;

/** What holds groups, or is part of what does not count. */
const NO_GROUPS = [
  '/system.slice',
  '/user.slice',
  '/docker',
  '/kubepods',
  '/kubepods/burstable',
  '/kubepods.slice/kubepods-burstable.slice',
  '/lxc',
  '/system.slice/dev-hugepages.mount',
  '/system.slice/ssh.socket',
  '/lxc.monitor.web',
  `/machine.slice/libpod-conmon-${ID}.scope`,
  `/kubepods.slice/crio-conmon-${ID}.scope`,
] as const;

describe('groups', () => {
  test.each(GROUPS)('%s', (path, kind, name) => {
    expect(groupAt(path)).toMatchObject({ kind, name });
  });

  test.each(NO_GROUPS)('%s counts for nothing itself', (path) => {
    expect(groupAt(path).kind).toBeUndefined();
  });

  test('what lies below a container, a machine or a service is its own affair', () => {
    const closed = GROUPS.filter(
      ([path, kind]) => kind !== 'slice' && kind !== 'pod' && !/user@1000\.service$/.test(path),
    );
    for (const [path, kind] of closed) expect(groupAt(path).holdsGroups, path).toBe(kind === 'group');
    for (const path of ['/user.slice/user-1000.slice', '/x/user@1000.service', `/kubepods/pod${POD}`])
      expect(groupAt(path).holdsGroups, path).toBe(true);
  });
});
