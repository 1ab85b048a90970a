import type { IncidentProcess } from '../../client/index.ts';
import type { PanelContext } from '../kinds/panel.ts';
import { type TableColumn, TablePanel } from '../kinds/table_panel.ts';
import { element, setText } from '../view/element.ts';
import { bytes, count, percent, plain } from '../words/format.ts';

const NOT_READABLE = 'of other users’ processes the sampler needs CAP_SYS_PTRACE to know';

const COLUMNS: readonly TableColumn<IncidentProcess>[] = [
  {
    title: 'CPU',
    hint: 'share of one core while the incident lasted',
    format: percent,
    value: ({ cpu_percent }) => cpu_percent,
    full: 100,
  },
  { title: 'CPU time', format: (ms) => `${ms} ms`, value: ({ cpu_ms }) => cpu_ms },
  {
    title: 'faults',
    hint: 'page faults that waited for a disk',
    format: count,
    value: ({ major_faults }) => major_faults,
  },
  { title: 'read', format: bytes, value: ({ read_bytes }) => read_bytes ?? NOT_READABLE },
  { title: 'written', format: bytes, value: ({ write_bytes }) => write_bytes ?? NOT_READABLE },
  { title: 'threads', format: count, value: ({ threads }) => threads },
  { title: 'state', format: plain, value: () => undefined, text: ({ state }) => state },
  { title: 'group', format: plain, value: () => undefined, text: ({ cgroup }) => cgroup ?? 'not known' },
];

/** Who did it: the processes of the incident that was chosen. */
export class EvidencePanel extends TablePanel<IncidentProcess> {
  readonly #message = element('p', { class: 'sentence' });
  #chosen = this.context.view.choice('incident');

  constructor(context: PanelContext) {
    const { view, happenings } = context;
    const processes = (): readonly IncidentProcess[] => {
      const id = view.choice('incident');
      return id === undefined ? [] : (happenings.reportOf(id)?.processes ?? []);
    };
    super(context, {
      id: 'evidence',
      title: 'Who did it',
      hint: 'What processes did while the incident lasted, compared with a look before it',
      size: 'wide',
      labelTitle: 'process',
      rows: () => processes().map((process) => [`${process.command} (${process.pid})`, process]),
      empty: () => 'no process stands out, or none has been seen yet',
      describe: ({ started }) => `started ${started}`,
      columns: COLUMNS,
    });
    this.root.querySelector('.body')?.before(this.#message);
  }

  override settle(): void {
    const chosen = this.context.view.choice('incident');
    this.root.hidden = chosen === undefined;
    if (chosen === this.#chosen) return;
    this.#chosen = chosen;
    // Who did it, and the charts, are at the top; once this panel has its place there.
    if (chosen !== undefined) requestAnimationFrame(() => this.root.scrollIntoView());
  }

  override updateText(): void {
    super.updateText();
    const { view, happenings } = this.context;
    const id = view.choice('incident');
    const report = id === undefined ? undefined : happenings.reportOf(id);
    setText(this.#message, report?.message ?? '');
  }
}
