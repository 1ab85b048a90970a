import { emitKeypressEvents } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import ansiEscapes from 'ansi-escapes';
import { HzstatError } from '../base/errors.ts';
import type { Key } from './keys.ts';
import { MOUSE_OFF, MOUSE_ON, type MouseAction, MouseReports } from './mouse.ts';

/** A character in the last column must not begin a new line. */
const WRAP_OFF = '\x1b[?7l';
const WRAP_ON = '\x1b[?7h';
const PLAIN = '\x1b[0m';

const ENTER = ansiEscapes.enterAlternativeScreen + ansiEscapes.cursorHide + WRAP_OFF;
const LEAVE = PLAIN + WRAP_ON + ansiEscapes.cursorShow + ansiEscapes.exitAlternativeScreen;

export interface TerminalListener {
  key(key: Key): void;
  mouse(action: MouseAction): void;
  /** The size is another, or the screen was somebody else's meanwhile. */
  resized(): void;
}

/**
 * The terminal this process was started in: its second screen while it is entered, and after that, however it comes
 * about, as it was before.
 */
export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  #leave: (() => void) | undefined;
  #hasMouse = true;

  /** @throws HzstatError NOT_A_TERMINAL when there is no screen to draw on or no keyboard to quit with */
  constructor(input: ReadStream, output: WriteStream, environment: NodeJS.ProcessEnv) {
    const dumb = environment.TERM === undefined || environment.TERM === '' || environment.TERM === 'dumb';
    if (!output.isTTY || !input.isTTY || dumb) {
      const what =
        dumb && output.isTTY ? 'this terminal cannot move its cursor (TERM)' : 'this is not a terminal';
      throw new HzstatError(
        'NOT_A_TERMINAL',
        `"hzstat top" draws on a terminal and ${what}; "hzstat stream" prints the same snapshots as lines`,
      );
    }
    this.#input = input;
    this.#output = output;
  }

  get width(): number {
    return this.#output.columns || 80;
  }

  get height(): number {
    return this.#output.rows || 24;
  }

  /** Whether to use colour: not with NO_COLOR, and not where the terminal has none. */
  get hasColour(): boolean {
    return this.#output.hasColors();
  }

  /** Takes the screen and the keyboard until {@link leave}, also if the process ends before that. */
  enter(listener: TerminalListener): void {
    if (this.#leave !== undefined) return;
    const onKey = (_text: string | undefined, key: Key): void => listener.key(key);
    const reports = new MouseReports();
    // What the mouse did would look like keys to Node.
    const keyboard = new PassThrough();
    const onInput = (input: Buffer): void => {
      const { keys, actions } = reports.read(input.toString('latin1'));
      if (keys !== '') keyboard.write(Buffer.from(keys, 'latin1'));
      for (const action of actions) listener.mouse(action);
    };
    const onResize = (): void => listener.resized();
    const leave = (): void => {
      if (this.#leave === undefined) return;
      this.#leave = undefined;
      process.removeListener('exit', leave);
      process.removeListener('uncaughtExceptionMonitor', leave);
      this.#input.removeListener('data', onInput);
      keyboard.end();
      this.#output.removeListener('resize', onResize);
      this.#input.setRawMode(false);
      this.#input.pause();
      this.#output.write(MOUSE_OFF + LEAVE);
    };
    this.#leave = leave;
    // The monitor comes before Node prints the error: it would vanish with the second screen otherwise.
    process.on('exit', leave);
    process.on('uncaughtExceptionMonitor', leave);
    emitKeypressEvents(keyboard);
    keyboard.on('keypress', onKey);
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#input.on('data', onInput);
    this.#output.on('resize', onResize);
    this.#output.write(ENTER + (this.#hasMouse ? MOUSE_ON : ''));
  }

  /** Takes the mouse, or leaves it to the terminal, which marks text with it. */
  set mouse(isTaken: boolean) {
    this.#hasMouse = isTaken;
    if (this.#leave !== undefined) this.#output.write(isTaken ? MOUSE_ON : MOUSE_OFF);
  }

  get mouse(): boolean {
    return this.#hasMouse;
  }

  /** Gives the terminal back as it was. */
  leave(): void {
    this.#leave?.();
  }

  /** Shows a change, all of it at once where the terminal can; nothing while the terminal is somebody else's. */
  write(sequences: string): void {
    if (sequences === '' || this.#leave === undefined) return;
    this.#output.write(ansiEscapes.beginSynchronizedOutput + sequences + ansiEscapes.endSynchronizedOutput);
  }
}
