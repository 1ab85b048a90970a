import type { Change, ViewState } from '../view/view_state.ts';

/** Keeps the address bar a link to what is shown, with an entry of the browser's history for each step. */
export function keepAddress(view: ViewState): void {
  view.onChange((change: Change) => {
    const { hash } = view;
    if (location.hash.slice(1) === hash) return;
    if (change === 'step') history.pushState(null, '', `#${hash}`);
    else history.replaceState(null, '', `#${hash}`);
  });
  addEventListener('popstate', () => view.readHash(location.hash));
}
