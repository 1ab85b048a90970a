import { once } from 'node:events';
import { emitKeypressEvents } from 'node:readline';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { commandOf, type Key } from '../../../src/top/keys.ts';

test.each([
  ['q', 'quit'],
  ['\x03', 'quit'],
  ['\x1a', 'suspend'],
  ['\x0c', 'redraw'],
  ['p', 'pause'],
  [' ', 'pause'],
  ['1', 'cores'],
  ['w', 'window'],
  ['\t', 'next_panel'],
  ['\x1b[C', 'next_panel'],
  ['\x1b[Z', 'previous_panel'],
  ['\x1b[A', 'previous_panel'],
  ['?', 'help'],
  ['i', 'next_item'],
  ['I', 'previous_item'],
  [',', 'back'],
  ['.', 'forward'],
  ['\x1b[5~', 'page_back'],
  ['\x1b[6~', 'page_forward'],
  ['\x1b[H', 'oldest'],
  ['\x1b[F', 'live'],
  ['\x1b', 'leave'],
  ['m', 'mouse'],
  ['e', 'incident'],
  ['x', undefined],
  ['\x1b[15~', undefined],
])('%j as a terminal sends it is %s', async (sent, command) => {
  const input = new PassThrough();
  emitKeypressEvents(input);
  const pressed = once(input, 'keypress');
  input.write(sent);
  const [, key]: [unknown, Key] = (await pressed) as [unknown, Key];
  expect(commandOf(key)).toBe(command);
});
