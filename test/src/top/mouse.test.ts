import { describe, expect, test } from 'vitest';
import { MouseReports } from '../../../src/top/mouse.ts';

describe('what a terminal sends', () => {
  test.each([
    ['\x1b[<0;10;5m', [{ kind: 'click', x: 9, y: 4 }]],
    ['\x1b[<4;300;120m', [{ kind: 'click', x: 299, y: 119 }]],
    ['\x1b[<64;1;1M', [{ kind: 'wheel_up', x: 0, y: 0 }]],
    ['\x1b[<65;1;1M', [{ kind: 'wheel_down', x: 0, y: 0 }]],
    ['\x1b[<0;10;5M', []],
    ['\x1b[<2;10;5m', []],
    ['\x1b[<35;10;5M', []],
  ])('%j is of the mouse and no key', (sent, actions) => {
    expect(new MouseReports().read(sent)).toEqual({ keys: '', actions });
  });

  test.each(['q', '\x1b', '\x1b[A', '\x1b[1;2C', '\x1b[15~', '<0;1;1m', 'é'])(
    '%j is keys and no mouse',
    (sent) => {
      expect(new MouseReports().read(sent)).toEqual({ keys: sent, actions: [] });
    },
  );

  test('keys between reports are left in their order', () => {
    const { keys, actions } = new MouseReports().read('p\x1b[<64;3;4M\x1b[A\x1b[<65;3;4Mq');
    expect(keys).toBe('p\x1b[Aq');
    expect(actions.map(({ kind }) => kind)).toEqual(['wheel_up', 'wheel_down']);
  });

  test('a report that comes in pieces is one', () => {
    const reports = new MouseReports();
    expect(reports.read('w\x1b[<0;1')).toEqual({ keys: 'w', actions: [] });
    expect(reports.read('2;7')).toEqual({ keys: '', actions: [] });
    expect(reports.read('mq')).toEqual({ keys: 'q', actions: [{ kind: 'click', x: 11, y: 6 }] });
  });
});
