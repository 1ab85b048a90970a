import { button, element } from '../view/element.ts';
import { popupMenu } from '../view/popup_menu.ts';
import type { ViewState } from '../view/view_state.ts';
import { momentIn } from '../view/zone.ts';

const STEPS: readonly (readonly [label: string, seconds: number])[] = [
  ['10 minutes back', 600],
  ['1 hour back', 3600],
  ['6 hours back', 21_600],
  ['1 day back', 86_400],
  ['1 week back', 604_800],
];

/** Ways into the past: steps back from what is shown, or a moment by date and time. */
export function gotoMenu(view: ViewState): HTMLElement {
  const steps = STEPS.map(([label, seconds]) =>
    button(label, `Show ${label}`, () => view.jump(-seconds), { class: 'row' }),
  );
  const input = element('input', {
    type: 'datetime-local',
    step: 1,
    'aria-label': 'Date and time, in the time zone shown',
    title: 'In the time zone shown',
  });
  input.addEventListener('change', () => {
    const middle = momentIn(input.value);
    if (Number.isNaN(middle)) return;
    const half = view.span / 2;
    view.show({ from: middle - half, to: middle + half });
  });
  return popupMenu('Go to', 'Go to a time in the past', ...steps, input);
}
