import { popover } from '../controls/popover.ts';
import { button, element, setText } from '../view/element.ts';
import type { Range } from '../view/view_state.ts';
import { moment, timeOfDay } from '../words/format.ts';
import { type DataFormat, saveData, saveFile } from './download.ts';
import { pictureOf, pngOf } from './picture.ts';

/** What can be saved of a part of the page. */
export interface Savable {
  /** Of files, such as `memory`. */
  readonly name: string;
  readonly root: HTMLElement;
  /** Host and what else a picture is to say at its top. */
  caption(): string;
  range(): Range;
  /** Series whose samples can be saved; absent for what is no series. */
  keys?(): readonly string[];
  /** What is shown, as CSV; undefined where pictures and samples are all there is. */
  shown?(): string;
  /** Draws what is out of sight too. */
  prepare?(): Promise<void>;
}

/** A button with a menu of the ways to save something. */
export function saveMenu(
  text: string,
  title: string,
  what: Savable,
): readonly [HTMLButtonElement, HTMLElement] {
  const trouble = element('p', { class: 'error', role: 'alert', hidden: true });
  const fileName = (): string => {
    const at = new Date(Math.round(what.range().to * 1000)).toISOString().slice(0, 19);
    return `hzstat-${what.name}-${at.replaceAll(':', '')}Z`;
  };
  const row = (label: string, hint: string, save: () => Promise<void> | void): HTMLElement => {
    const attempt = async (): Promise<void> => {
      trouble.hidden = true;
      try {
        await save();
        made.box.hidePopover();
      } catch (error) {
        setText(trouble, error instanceof Error ? error.message : String(error));
        trouble.hidden = false;
      }
    };
    return button(label, hint, () => void attempt(), { class: 'row' });
  };
  const data = (format: DataFormat) => (): Promise<void> =>
    saveData(fileName(), what.keys?.() ?? [], what.range(), format);
  const rows = [
    row('Picture (PNG)', 'What is shown, as an image', async () => {
      await what.prepare?.();
      saveFile(`${fileName()}.png`, await pngOf(pictureOf(what.root, what.caption())));
    }),
  ];
  if (what.keys !== undefined) {
    const hint = 'What was recorded in the time shown, a row for each sample';
    rows.push(
      row('Every sample (CSV)', hint, data('csv')),
      row('Every sample (Parquet)', hint, data('parquet')),
    );
  }
  const { shown } = what;
  if (shown !== undefined) {
    rows.push(
      row('What is shown (CSV)', 'The rows or columns as they are shown', () =>
        saveFile(`${fileName()}.csv`, new Blob([shown()], { type: 'text/csv' })),
      ),
    );
  }
  const made = popover(text, title, [...rows, trouble], () => {
    trouble.hidden = true;
  });
  return [made.button, made.box];
}

/** The top line of a picture: where and when. */
export function captionOf(host: string, { from, to }: Range, zone: string): string {
  const distance = Math.min((to - from) / 500, 60);
  return `${host} · ${moment(from, distance)} – ${timeOfDay(to, distance)} ${zone}`;
}
