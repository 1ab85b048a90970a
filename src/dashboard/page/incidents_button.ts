import type { Happenings } from '../happenings/happenings.ts';
import { button, setText } from '../view/element.ts';

/** Leads to the list of incidents, and says when one goes on. */
export class IncidentsButton {
  readonly root = button('Incidents', 'What the watches have noticed (i)', () => this.go(), { hidden: true });
  readonly #happenings: Happenings;

  constructor(happenings: Happenings) {
    this.#happenings = happenings;
  }

  go(): void {
    document.querySelector('#incidents')?.scrollIntoView({ block: 'center' });
  }

  update(): void {
    const { incidents } = this.#happenings;
    const open = incidents.filter(({ ended }) => ended === null).length;
    this.root.hidden = incidents.length === 0;
    this.root.classList.toggle('alert', open > 0);
    setText(this.root, open === 0 ? 'Incidents' : `Incidents: ${open} now`);
  }
}
