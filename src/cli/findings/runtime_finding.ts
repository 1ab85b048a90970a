import type { HostFinding } from '../../base/host_finding.ts';

/** What hzstat is tried with; the same in package.json, docs/install.md and CI. */
const TRIED_MAJORS: readonly number[] = [20, 22, 24, 26];
const OLDEST = { major: 20, minor: 19 };
const NEWEST_MAJOR = 26;
/** When a line of Node had its last fix. */
const ENDS: Readonly<Record<number, string>> = {
  20: '2026-04-30',
  22: '2027-04-30',
  24: '2028-04-30',
  26: '2029-04-30',
};

/** What runs hzstat. */
export interface Runtime {
  /** Of Node, such as 26.10.0. */
  readonly version: string;
  /** As Node names it, such as x64. */
  readonly architecture: string;
  /** Undefined with another C library. */
  readonly glibc: string | undefined;
  readonly isRoot: boolean;
}

export function thisRuntime(): Runtime {
  return {
    version: process.versions.node,
    architecture: process.arch,
    glibc: glibcVersion(),
    isRoot: process.geteuid?.() === 0,
  };
}

/** Whether this is something hzstat is tried with, and for how long that is looked after. */
export function runtimeFinding(
  { version, architecture, glibc, isRoot }: Runtime,
  now = new Date(),
): HostFinding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const end = ENDS[major];
  const tooOld = major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
  const doubtsOfNode = [
    ...(tooOld ? [`hzstat is for Node ${OLDEST.major}.${OLDEST.minor} or later`] : []),
    ...(!tooOld && !TRIED_MAJORS.includes(major)
      ? [`hzstat is tried with Node ${TRIED_MAJORS.join(', ')} only`]
      : []),
    ...(end !== undefined && new Date(end) < now ? [`Node ${major} has had no fixes since ${end}`] : []),
  ];
  const doubts = [
    ...doubtsOfNode,
    ...(architecture === 'x64' ? [] : [`hzstat is not tried on ${architecture}`]),
    ...(glibc === undefined ? ['hzstat is not tried without glibc'] : []),
  ];
  const user = isRoot ? 'as root' : 'as an ordinary user';
  const runtime = `Node ${version} (${architecture}), ${glibc === undefined ? 'no glibc' : `glibc ${glibc}`}, ${user}`;
  const finding = { subject: 'runtime', detail: [runtime, ...doubts].join('; ') };
  if (doubts.length === 0) return { ...finding, state: 'ok' };
  if (doubtsOfNode.length === 0) return { ...finding, state: 'limited' };
  return {
    ...finding,
    state: 'limited',
    remedy: `Node ${NEWEST_MAJOR}, which is fixed until ${ENDS[NEWEST_MAJOR]}`,
  };
}

function glibcVersion(): string | undefined {
  const report: unknown = process.report.getReport();
  const header =
    typeof report === 'object' && report !== null && 'header' in report ? report.header : undefined;
  if (typeof header !== 'object' || header === null || !('glibcVersionRuntime' in header)) return undefined;
  return String(header.glibcVersionRuntime);
}
