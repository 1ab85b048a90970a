import { element } from './element.ts';

/** A summary that opens a box below it, which closes at Escape and when something else is pressed. */
export function popupMenu(text: string, title: string, ...content: Node[]): HTMLDetailsElement {
  const summary = element('summary', { title }, text);
  const menu = element('details', { class: 'menu' }, summary, element('div', { class: 'popup' }, ...content));
  document.addEventListener('pointerdown', ({ target }) => {
    if (target instanceof Node && !menu.contains(target)) menu.open = false;
  });
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    menu.open = false;
    summary.focus();
  });
  return menu;
}
