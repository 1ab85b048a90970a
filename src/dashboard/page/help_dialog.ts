import { button, element } from '../view/element.ts';
import { KEYS } from './keyboard.ts';

/** What keys and mouse do. */
export function helpDialog(): HTMLDialogElement {
  const rows = KEYS.map(([keys, does]) =>
    element('div', {}, element('dt', {}, keys), element('dd', {}, does)),
  );
  const dialog = element(
    'dialog',
    { 'aria-label': 'Keys and mouse' },
    element('h2', {}, 'Keys and mouse'),
    element('dl', {}, ...rows),
    button('Close', 'Close (esc)', () => dialog.close()),
  );
  return dialog;
}
