/** What a person can ask for while looking. */
export type Command =
  | 'quit'
  | 'pause'
  | 'cores'
  | 'window'
  | 'next_panel'
  | 'previous_panel'
  | 'help'
  | 'redraw'
  | 'suspend';

/** A key as Node's readline tells it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly shift?: boolean | undefined;
}

/** The command of a key, or undefined. */
export function commandOf({ name, sequence, ctrl, shift }: Key): Command | undefined {
  if (ctrl === true) {
    if (name === 'c') return 'quit';
    if (name === 'z') return 'suspend';
    return name === 'l' ? 'redraw' : undefined;
  }
  switch (name) {
    case 'q':
      return 'quit';
    case 'p':
    case 'space':
      return 'pause';
    case 'w':
      return 'window';
    case 'h':
      return 'help';
    case 'tab':
      return shift === true ? 'previous_panel' : 'next_panel';
    case 'right':
    case 'down':
      return 'next_panel';
    case 'left':
    case 'up':
      return 'previous_panel';
    default:
      if (sequence === '1') return 'cores';
      return sequence === '?' ? 'help' : undefined;
  }
}
