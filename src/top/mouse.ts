/** What a mouse did, at a cell counted from the upper left corner. */
export interface MouseAction {
  readonly kind: 'click' | 'wheel_up' | 'wheel_down';
  readonly x: number;
  readonly y: number;
}

/** Buttons and wheel, told with plain numbers (xterm's modes 1000 and 1006). */
export const MOUSE_ON = '\x1b[?1000h\x1b[?1006h';
export const MOUSE_OFF = '\x1b[?1006l\x1b[?1000l';

const BEGIN = '\x1b\\[<';
const REPORT = new RegExp(`${BEGIN}(\\d+);(\\d+);(\\d+)([Mm])`, 'g');
/** A report of which the rest is still to come. */
const BEGUN = new RegExp(`${BEGIN}[\\d;]*$`);
const LEFT_BUTTON = 0;
const WHEEL_UP = 64;
const WHEEL_DOWN = 65;
/** Shift, Alt, Ctrl. */
const MODIFIERS = 4 | 8 | 16;

/** Takes what a mouse did out of what a terminal sends; the rest are keys. */
export class MouseReports {
  #begun = '';

  read(input: string): { keys: string; actions: MouseAction[] } {
    const actions: MouseAction[] = [];
    const text = this.#begun + input;
    const keys = text.replace(REPORT, (_, button: string, column: string, row: string, end: string) => {
      const kind = kindOf(Number(button), end);
      if (kind !== undefined) actions.push({ kind, x: Number(column) - 1, y: Number(row) - 1 });
      return '';
    });
    this.#begun = BEGUN.exec(keys)?.[0] ?? '';
    return { keys: keys.slice(0, keys.length - this.#begun.length), actions };
  }
}

function kindOf(button: number, end: string): MouseAction['kind'] | undefined {
  const plain = button & ~MODIFIERS;
  if (plain === WHEEL_UP) return 'wheel_up';
  if (plain === WHEEL_DOWN) return 'wheel_down';
  // When it is let go, so that nobody else sees the end of a click that was meant for us.
  return plain === LEFT_BUTTON && end === 'm' ? 'click' : undefined;
}
