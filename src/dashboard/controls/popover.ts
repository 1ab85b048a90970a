import { element } from '../view/element.ts';

const GAP_PX = 3;
let made = 0;

/** A button with a box that opens below it, over everything else; Escape and a press elsewhere close it. */
export function popover(
  text: string,
  title: string,
  content: readonly Node[],
  onOpen: () => void = () => {},
): { readonly button: HTMLButtonElement; readonly box: HTMLElement } {
  const id = `popover-${++made}`;
  const button = element(
    'button',
    { type: 'button', title, 'aria-label': title, popovertarget: id, 'aria-haspopup': 'dialog' },
    text,
  );
  const box = element('div', { id, popover: 'auto', class: 'popover', 'aria-label': title }, ...content);
  // At once, and not with the next frame: what is typed meanwhile is meant for it.
  box.addEventListener('beforetoggle', (event) => {
    if (event instanceof ToggleEvent && event.newState === 'open') onOpen();
  });
  box.addEventListener('toggle', (event) => {
    if (!(event instanceof ToggleEvent) || event.newState !== 'open') return;
    const { left, bottom } = button.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = box;
    box.style.left = `${Math.max(Math.min(left, innerWidth - offsetWidth - GAP_PX), GAP_PX)}px`;
    box.style.top = `${Math.max(Math.min(bottom + GAP_PX, innerHeight - offsetHeight - GAP_PX), GAP_PX)}px`;
  });
  return { button, box };
}
