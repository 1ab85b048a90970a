import { Disbelief } from '../counters/disbelief.ts';

/** How something that is wrong with a field is said in `sources`. */
export type Complain = (field: string, source: string, message: string | undefined) => void;

interface Doubt {
  readonly source: string;
  readonly disbelief: Disbelief;
}

/** What of the figures of groups was not believed or could not be read of late: one message a field, whatever group. */
export class Doubts {
  readonly #byField = new Map<string, Doubt>();

  /** @param field of a group, such as `cpu_percent` */
  tell(field: string, source: string, message: string): void {
    let doubt = this.#byField.get(field);
    if (doubt === undefined) {
      doubt = { source, disbelief: new Disbelief() };
      this.#byField.set(field, doubt);
    }
    doubt.disbelief.tell(message);
  }

  /** To be called once a tick, after everything was read. */
  publish(complain: Complain): void {
    for (const [field, { source, disbelief }] of this.#byField) {
      complain(`groups.*.${field}`, source, disbelief.message);
      disbelief.pass();
    }
  }
}
