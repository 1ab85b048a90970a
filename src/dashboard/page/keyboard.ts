import type { SharedCursor } from '../view/shared_cursor.ts';
import type { ViewState } from '../view/view_state.ts';

export interface KeyActions {
  readonly view: ViewState;
  readonly cursor: SharedCursor;
  toggleSql(): void;
  toggleCollectors(): void;
  toggleZone(): void;
  showIncidents(): void;
  showHelp(): void;
}

/** What each key does, for the list behind "?". */
export const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ['space', 'pause, or go live'],
  ['← →', 'back or forward half a screen; with Shift a tenth'],
  ['page up, page down', 'back or forward an hour'],
  ['+ −', 'show less or more time; drag over a chart selects a stretch'],
  [', .', 'move the cursor over all charts'],
  ['home', 'live, the last two minutes'],
  ['s', 'SQL'],
  ['c', 'collectors'],
  ['i', 'incidents'],
  ['z', 'times by your clock, or in UTC'],
  ['f', 'enlarge the chart under the pointer or the cursor, or back'],
  ['esc', 'close, release the cursor, leave an enlarged chart'],
  ['click', 'pin the cursor at this moment, or release it'],
  ['Shift and drag, wheel sideways', 'move through time'],
  ['Ctrl and wheel', 'zoom around the pointer'],
  ['double click', 'zoom out around the pointer'],
  ['Alt and drag, drag on the scale', 'zoom into values; double click on the scale: all of it'],
  ['click on a name in a legend', 'hide or show it; double click or Shift: show only this one'],
];

const CURSOR_STEP = 0.01;

/** Everything on the page without a mouse. */
export function listenToKeys({
  view,
  cursor,
  toggleSql,
  toggleCollectors,
  toggleZone,
  showIncidents,
  showHelp,
}: KeyActions): void {
  const step = (by: number): void => cursor.move(Math.min(Math.max((cursor.share ?? 1) + by, 0), 1));
  const actions: Readonly<Record<string, (shift: boolean) => void>> = {
    ' ': () => (view.live ? view.pause() : view.goLive()),
    ArrowLeft: (shift) => view.pan(shift ? -0.1 : -0.5),
    ArrowRight: (shift) => view.pan(shift ? 0.1 : 0.5),
    PageUp: () => view.jump(-3600),
    PageDown: () => view.jump(3600),
    '+': () => view.zoom(0.5),
    '=': () => view.zoom(0.5),
    '-': () => view.zoom(2),
    ',': () => step(-CURSOR_STEP),
    '.': () => step(CURSOR_STEP),
    Home: () => view.goLive(120),
    s: toggleSql,
    c: toggleCollectors,
    i: showIncidents,
    z: toggleZone,
    '?': showHelp,
    f: () => enlarge(view),
    Escape: () => {
      if (cursor.share !== undefined || cursor.kept !== undefined) cursor.letGo();
      else view.choose('panel', undefined);
    },
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isForTyping(event)) return;
    // Keys are a dialog's own while one is open: Escape closes it.
    if (document.querySelector('dialog[open]') !== null) return;
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action(event.shiftKey);
  });
}

/** The panel the viewer is at, or back from it. */
function enlarge(view: ViewState): void {
  const panel = document.querySelector('.panel:hover') ?? document.activeElement?.closest('.panel');
  view.choose('panel', view.choice('panel') === undefined ? panel?.id : undefined);
}

/** Keys that belong to what has the focus. */
function isForTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('input:not([type=checkbox]), select, textarea') !== null)
    return true;
  const pressable = target.closest('button, summary, a, input') !== null;
  return pressable && (event.key === ' ' || event.key === 'Enter');
}
