/** What a person can ask for while looking. */
export type Command =
  | 'quit'
  | 'pause'
  | 'cores'
  | 'window'
  | 'next_panel'
  | 'previous_panel'
  | 'help'
  | 'next_item'
  | 'previous_item'
  | 'back'
  | 'forward'
  | 'page_back'
  | 'page_forward'
  | 'oldest'
  | 'live'
  | 'leave'
  | 'mouse'
  | 'incident'
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
    case 'i':
      return shift === true ? 'previous_item' : 'next_item';
    case 'pageup':
      return 'page_back';
    case 'pagedown':
      return 'page_forward';
    case 'home':
      return 'oldest';
    case 'end':
      return 'live';
    case 'escape':
      return 'leave';
    case 'e':
      return 'incident';
    case 'm':
      return 'mouse';
    case 'right':
    case 'down':
      return 'next_panel';
    case 'left':
    case 'up':
      return 'previous_panel';
    default:
      if (sequence === '1') return 'cores';
      if (sequence === ',') return 'back';
      if (sequence === '.') return 'forward';
      return sequence === '?' ? 'help' : undefined;
  }
}
