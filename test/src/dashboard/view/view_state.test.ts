import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_SPAN, ViewState } from '../../../../src/dashboard/view/view_state.ts';

const NOW = 1_000_000;

describe('the view', () => {
  let view: ViewState;
  beforeEach(() => {
    view = new ViewState('', () => NOW);
  });

  test('begins live', () => {
    expect(view.range).toEqual({ from: NOW - DEFAULT_SPAN, to: NOW });
  });

  test('holds what is shown, and goes on', () => {
    view.pause();
    expect(view.view).toEqual({ mode: 'fixed', from: NOW - DEFAULT_SPAN, to: NOW });
    view.goLive();
    expect(view.live).toBe(true);
  });

  test('moves back, and becomes live again where it meets the present', () => {
    view.pan(-0.5);
    expect(view.range).toEqual({ from: NOW - 180, to: NOW - 60 });
    view.pan(0.25);
    expect(view.range).toEqual({ from: NOW - 150, to: NOW - 30 });
    view.pan(0.5);
    expect(view.view).toEqual({ mode: 'live', span: DEFAULT_SPAN });
  });

  test('jumps hours back with the same width', () => {
    view.jump(-6 * 3600);
    expect(view.range).toEqual({ from: NOW - 21_720, to: NOW - 21_600 });
    view.jump(7 * 3600);
    expect(view.live).toBe(true);
  });

  test('zooms around a moment, which stays where it is', () => {
    view.show({ from: 100, to: 200 });
    view.zoom(0.5, 120);
    expect(view.range).toEqual({ from: 110, to: 160 });
    view.zoom(2, 120);
    expect(view.range).toEqual({ from: 100, to: 200 });
  });

  test('live, shows more or less of the latest', () => {
    view.zoom(2);
    expect(view.view).toEqual({ mode: 'live', span: 240 });
  });

  test('comes back from its own link, the choices of panels and the question included', () => {
    view.show({ from: NOW - 500.125, to: NOW - 400 });
    view.choose('network', 'if:br|0&x');
    view.showSql("SELECT 'a#b' FROM cpu");
    const copy = new ViewState(`#${view.hash}`, () => NOW);
    expect(copy.view).toEqual(view.view);
    expect(copy.choice('network')).toBe('if:br|0&x');
    expect(copy.sql).toBe("SELECT 'a#b' FROM cpu");
    view.goLive(30);
    expect(new ViewState(view.hash, () => NOW).view).toEqual({ mode: 'live', span: 30 });
  });

  test.each(['#from=x&to=y', '#live=-4s', '#live=', '#from=2026-01-02&to=2026-01-01', '#%%%'])(
    'makes the best of a link that is none: %s',
    (hash) => {
      expect(new ViewState(hash, () => NOW).view).toEqual({ mode: 'live', span: DEFAULT_SPAN });
    },
  );

  test('keeps to widths that can be drawn', () => {
    view.zoom(1e-9);
    expect(view.span).toBeGreaterThan(0.01);
    view.zoom(1e12);
    expect(view.span).toBeLessThan(366 * 86_400);
  });

  test('tells steps, gestures and what the address says apart', () => {
    const told: string[] = [];
    view.onChange((change) => told.push(change));
    view.zoom(0.5);
    view.hold();
    view.pan(-0.1);
    view.pan(-0.1);
    view.release();
    view.pan(-0.1);
    view.note('filter.x', 'a');
    view.readHash('#live=5s');
    expect(told).toEqual(['step', 'step', 'gesture', 'step', 'gesture', 'address']);
  });

  test('takes several choices apart again, whatever is in their names', () => {
    const names = ['if:eth0', 'if:a,b', 'if:back\\slash', 'if:&=#'];
    view.chooseSeveral('network', names);
    expect(new ViewState(view.hash, () => NOW).choices('network')).toEqual(names);
    view.chooseSeveral('network', []);
    expect(view.choice('network')).toBe(undefined);
  });

  test('shows just what its address says, to the millisecond', () => {
    view.show({ from: NOW - 10.000_43, to: NOW - 9.123_456 });
    expect(new ViewState(view.hash, () => NOW).view).toEqual(view.view);
    view.goLive(12.345_678);
    expect(new ViewState(view.hash, () => NOW).view).toEqual(view.view);
  });
});
