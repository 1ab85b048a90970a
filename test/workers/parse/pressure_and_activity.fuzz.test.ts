import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HzstatError } from '../../../src/base/errors.ts';
import { FULL, parsePressure, ROWS, SOME } from '../../../workers/parse/pressure.ts';
import { parseStatActivity, StatActivity } from '../../../workers/parse/stat_activity.ts';
import { MACHINES, MachineCopy } from '../../support/machine.ts';

const words = [
  'some ',
  'full ',
  'avg10=0.00 ',
  'total=',
  ' total=',
  'intr ',
  'ctxt ',
  'processes ',
  'procs_running ',
  'softirq ',
  '12',
  '-7',
  '18446744073709551616',
  '999999999999999999999999',
  ' ',
  '\n',
  'cpu0',
];
/** Bytes that look a little like these files, and bytes that do not. */
const bytesLikeThese = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc.array(fc.constantFrom(...words)).map((parts) => Buffer.from(parts.join(''))),
);

/** Runs a parser, which may refuse its input with a code and nothing else. */
function orRefusal(parse: () => void): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(HzstatError);
    expect(error).toMatchObject({ code: 'SOURCE_MALFORMED' });
    return false;
  }
}

describe('whatever the bytes', () => {
  test('pressure gives natural totals, at least one, or a refusal', () => {
    const out = new Float64Array(ROWS);
    fc.assert(
      fc.property(bytesLikeThese, (bytes) => {
        if (!orRefusal(() => parsePressure('pressure', bytes, bytes.length, out))) return;
        expect(Number.isNaN(out[SOME]!) && Number.isNaN(out[FULL]!)).toBe(false);
        for (const total of out) expect(Number.isNaN(total) || total >= 0).toBe(true);
      }),
    );
  });

  test('the activity of stat gives natural numbers or a refusal, also in front of older bytes', () => {
    const out = new StatActivity();
    fc.assert(
      fc.property(bytesLikeThese, fc.nat(), (bytes, cut) => {
        const length = bytes.length === 0 ? 0 : cut % (bytes.length + 1);
        if (!orRefusal(() => parseStatActivity('stat', bytes, length, out))) return;
        for (const value of [out.interrupts, out.contextSwitches, out.forks]) {
          expect(value).toBeGreaterThanOrEqual(0);
        }
        for (const value of [out.running, out.blocked, out.softInterrupts]) {
          expect(Number.isNaN(value) || value >= 0).toBe(true);
        }
        expect(out.kinds.subarray(0, out.kindCount).every((value) => value >= 0)).toBe(true);
      }),
    );
  });
});

test.each(MACHINES)('stat on %s cut at the end of any line is read rightly or refused', (machine) => {
  const copy = new MachineCopy(machine);
  const bytes = Buffer.from(copy.read('proc/stat'));
  copy.dispose();
  const whole = new StatActivity();
  parseStatActivity('stat', bytes, bytes.length, whole);
  const out = new StatActivity();
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, end + 1)) {
    if (!orRefusal(() => parseStatActivity('stat', bytes, end + 1, out))) continue;
    expect(out.contextSwitches).toBe(whole.contextSwitches);
    expect(out.interrupts).toBe(whole.interrupts);
    expect(out.forks).toBe(whole.forks);
  }
});
