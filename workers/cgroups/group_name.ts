import { type GroupPath, shownPath } from './group_path.ts';

export type GroupKind = 'service' | 'scope' | 'slice' | 'container' | 'pod' | 'machine' | 'group';

/** What is known of a directory of the tree by its path alone. */
export interface KnownGroup {
  /** What it counts as; undefined for what only holds groups: a slice, the folder of a container engine. */
  readonly kind: GroupKind | undefined;
  /** What a person knows it by; not unique yet. */
  readonly name: string;
  /** Whether groups may lie below. Those below a container or a service are its own affair. */
  readonly holdsGroups: boolean;
  /** It counts only as long as nothing lies below: nobody knows what it is. */
  readonly onlyAsLeaf?: true;
  /** What the names of users, containers and pods are looked up by. */
  readonly user?: string;
  readonly container?: string;
  readonly pod?: string;
}

/** Digits of a container's id that people use. */
const SHORT_ID = 12;
const ENGINE_OF_UNIT: Readonly<Record<string, string>> = {
  docker: 'docker',
  'cri-containerd': 'containerd',
  containerd: 'containerd',
  nerdctl: 'nerdctl',
  crio: 'crio',
  libpod: 'podman',
};
/** systemd's driver: a scope for each container. The same without `.scope` is the driver for plain folders. */
const CONTAINER_UNIT = /^(docker|cri-containerd|containerd|nerdctl|crio|libpod)-([0-9a-f]{64})(?:\.scope)?$/;
/** containerd that is told to use systemd's paths and does not use systemd. */
const CONTAINER_TRIPLE = /:(cri-containerd|crio|docker):([0-9a-f]{64})$/;
const CONTAINER_ID = /^[0-9a-f]{64}$/;
const POD =
  /^(?:kubepods(?:-[a-z]+)?-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?$/;
const MONITOR = /^(?:libpod|crio)-conmon-[0-9a-f]{64}(?:\.scope)?$|^lxc\.(?:monitor|pivot)(?:\.|$)/;
const USER_SLICE = /^user-(\d+)\.slice$/;
const USER_MANAGER = /^user@\d+\.service$/;
const MACHINE_SCOPE = /^machine-(.+)\.scope$/;
/** Units of systemd that hold no processes for long. */
const OTHER_UNIT = /\.(?:mount|automount|swap|socket|device|path|timer|target)$/;
/** Folders in which engines put their containers, and which count for nothing while they are empty. */
const FOLDERS =
  /^(?:docker|kubepods|besteffort|burstable|guaranteed|libpod_parent|lxc|lxc\.payload|machine|user|system|ecs|actions_job)$/;

/** What a directory of the tree is, by the naming of systemd, Docker, containerd, CRI-O, Podman, LXC and Kubernetes. */
export function groupAt(path: GroupPath): KnownGroup {
  const parts = path.split('/').slice(1).map(shownPath);
  const last = parts.at(-1) ?? '';
  const parent = parts.at(-2) ?? '';
  return (
    containerAt(last, parts) ??
    podAt(last) ??
    lxcAt(last, parent) ??
    (MONITOR.test(last) || OTHER_UNIT.test(last)
      ? { kind: undefined, name: last, holdsGroups: false }
      : unitAt(last, parts)) ??
    (FOLDERS.test(last)
      ? { kind: undefined, name: last, holdsGroups: true }
      : { kind: 'group', name: shownPath(path.slice(1)), holdsGroups: true, onlyAsLeaf: true })
  );
}

function containerAt(last: string, parts: readonly string[]): KnownGroup | undefined {
  const [, unit, id] = CONTAINER_UNIT.exec(last) ?? CONTAINER_TRIPLE.exec(last) ?? [];
  if (unit !== undefined && id !== undefined) return container(ENGINE_OF_UNIT[unit] ?? unit, id);
  if (!CONTAINER_ID.test(last)) return undefined;
  const isDockers = parts.includes('docker') || parts.includes('docker.slice');
  return container(isDockers ? 'docker' : 'container', last);
}

function container(engine: string, id: string): KnownGroup {
  const name = `${engine}/${id.slice(0, SHORT_ID)}`;
  return { kind: 'container', name, holdsGroups: false, container: id };
}

function podAt(last: string): KnownGroup | undefined {
  const [, uid] = POD.exec(last) ?? [];
  if (uid === undefined) return undefined;
  const pod = uid.replaceAll('_', '-');
  return { kind: 'pod', name: `pod/${pod}`, holdsGroups: true, pod };
}

function lxcAt(last: string, parent: string): KnownGroup | undefined {
  const name =
    /^lxc\.payload\.(.+)$/.exec(last)?.[1] ?? (/^lxc(?:\.payload)?$/.test(parent) ? last : undefined);
  return name === undefined ? undefined : { kind: 'container', name: `lxc/${name}`, holdsGroups: false };
}

function unitAt(last: string, parts: readonly string[]): KnownGroup | undefined {
  const user = USER_SLICE.exec(last)?.[1];
  if (user !== undefined) return { kind: 'slice', name: last, holdsGroups: true, user };
  const machine = MACHINE_SCOPE.exec(last)?.[1];
  if (machine !== undefined)
    return { kind: 'machine', name: `machine/${unescaped(machine)}`, holdsGroups: false };
  if (last.endsWith('.slice')) return { kind: undefined, name: last, holdsGroups: true };
  const kind = /\.(service|scope)$/.exec(last)?.[1];
  if (kind !== 'service' && kind !== 'scope') return undefined;
  // Every user's manager has units of the same names.
  const manager = parts.slice(0, -1).find((part) => USER_MANAGER.test(part));
  const name = manager === undefined ? last : `${manager.replace(/\.service$/, '')}/${last}`;
  return { kind, name, holdsGroups: USER_MANAGER.test(last) };
}

/** The name of a machine as it was before systemd made a unit's name of it. */
function unescaped(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
