import { NS_PER_SECOND } from '../../src/base/units.ts';
import { namesIn, readText } from '../files/slow_file.ts';
import { kernelText } from '../parse/kernel_text.ts';
import type { KnownGroup } from './group_name.ts';

/** Names that were not there are looked for again, but not for every group of the hundreds that may come at once. */
const LOOK_EVERY_NS = NS_PER_SECOND;
const POD_FOLDER = /^([^_]+)_([^_]+)_(.+)$/;
const LOG_OF_CONTAINER = /^([^_]+)_([^_]+)_(.+)-([0-9a-f]{64})\.log$/;

/**
 * The names people gave to users, containers and pods, as far as files tell them: /etc/passwd, Docker's and Podman's
 * own records, and the logs of Kubernetes. No daemon is asked.
 */
export class GivenNames {
  readonly #rootfs: string;
  readonly #now: () => number;
  #lookedNs = Number.NEGATIVE_INFINITY;
  #pods = new Map<string, string>();
  #containers = new Map<string, string>();

  constructor(rootfs: string, now: () => number) {
    this.#rootfs = rootfs;
    this.#now = now;
  }

  /** Undefined where there is none, or it cannot be read. */
  of({ user, container, pod }: KnownGroup): string | undefined {
    if (user !== undefined) return this.#userName(user);
    if (pod !== undefined) return this.#lookUp(() => this.#pods.get(pod));
    if (container === undefined) return undefined;
    return this.#dockerName(container) ?? this.#lookUp(() => this.#containers.get(container));
  }

  #userName(user: string): string | undefined {
    const lines = this.#read('etc/passwd')?.split('\n') ?? [];
    return lines.map((line) => line.split(':')).find(([, , id]) => id === user)?.[0];
  }

  #dockerName(id: string): string | undefined {
    const text = this.#read(`var/lib/docker/containers/${id}/config.v2.json`);
    const name = text === undefined ? undefined : property(parsed(text), 'Name');
    return typeof name === 'string' && name.length > 1 ? name.replace(/^\//, '') : undefined;
  }

  #lookUp(find: () => string | undefined): string | undefined {
    const found = find();
    const nowNs = this.#now();
    if (found !== undefined || nowNs - this.#lookedNs < LOOK_EVERY_NS) return found;
    this.#lookedNs = nowNs;
    this.#pods = this.#podNames();
    this.#containers = new Map([...this.#podmanNames(), ...this.#kubernetesNames()]);
    return find();
  }

  /** By uid, from folders called `NAMESPACE_NAME_UID`. */
  #podNames(): Map<string, string> {
    const matches = namesIn(`${this.#rootfs}/var/log/pods`).map((name) => POD_FOLDER.exec(name));
    return new Map(
      matches.flatMap((match) => (match === null ? [] : [[match[3]!, `${match[1]}/${match[2]}`] as const])),
    );
  }

  /** By id, from links called `POD_NAMESPACE_CONTAINER-ID.log`. */
  #kubernetesNames(): [string, string][] {
    const matches = namesIn(`${this.#rootfs}/var/log/containers`).map((name) => LOG_OF_CONTAINER.exec(name));
    return matches.flatMap((match) =>
      match === null ? [] : [[match[4]!, `${match[2]}/${match[1]}/${match[3]}`] as [string, string]],
    );
  }

  #podmanNames(): [string, string][] {
    const text = this.#read('var/lib/containers/storage/overlay-containers/containers.json');
    const all = text === undefined ? undefined : parsed(text);
    if (!Array.isArray(all)) return [];
    return all.flatMap((entry: unknown): [string, string][] => {
      const [id, names] = [property(entry, 'id'), property(entry, 'names')];
      const name: unknown = Array.isArray(names) ? names[0] : undefined;
      return typeof id === 'string' && typeof name === 'string' ? [[id, name]] : [];
    });
  }

  #read(path: string): string | undefined {
    const text = readText(`${this.#rootfs}/${path}`);
    return text === undefined ? undefined : kernelText(Buffer.from(text, 'latin1'));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
