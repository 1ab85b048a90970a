import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseChrony, parsePtp, parseTimesyncd } from '../../../../src/sampling/host_clock/clock_keepers.ts';
import { clockReport } from '../../../../src/sampling/host_clock/host_clock.ts';

// As chronyc 4.3 prints it.
const CHRONY =
  'A9FEA97B,169.254.169.123,4,1764294000.123456789,0.000012345,-0.000004321,0.000015000,-12.345,0.001,0.012,0.000345678,0.000123456,64.2,Normal\n';

describe('chrony', () => {
  test('is asked what the clock is ahead, and within which bound', () => {
    expect(parseChrony(CHRONY)).toEqual({
      source: 'chrony',
      offset_ms: -0.012,
      uncertainty_ms: 0.296,
      synchronised: true,
    });
  });

  test('whose clock is fast is ahead', () => {
    expect(parseChrony(CHRONY.replace('0.000012345', '-0.300000000'))?.offset_ms).toBe(300);
  });

  test('that follows nobody says so', () => {
    const alone = '00000000,,0,0.000000000,0.000000000,0,0,-1.0,0,0,1.0,1.0,0.0,Not synchronised\n';
    expect(parseChrony(alone)).toMatchObject({ offset_ms: 0, synchronised: false });
    expect(parseChrony(CHRONY.replace('A9FEA97B', '7F7F0101'))?.synchronised).toBe(false);
  });

  test.each(['', '506 Cannot talk to daemon\n', CHRONY.replace('0.000012345', 'x')])(
    '%j says nothing',
    (text) => {
      expect(parseChrony(text)).toBeUndefined();
    },
  );
});

// As timedatectl of systemd 252 prints it.
const TIMESYNCD = `       Server: 185.125.190.56 (ntp.ubuntu.com)
Poll interval: 34min 8s (min: 32s; max 34min 8s)
         Leap: normal
      Version: 4
      Stratum: 2
    Reference: 4FF33C32
    Precision: 1us (-25)
Root distance: 21.133ms (max: 5s)
       Offset: -1.103ms
        Delay: 30.156ms
       Jitter: 1.533ms
 Packet count: 120
    Frequency: -20.281ppm
`;

describe('timesyncd', () => {
  test('tells what the server is ahead: the clock is as much behind', () => {
    expect(parseTimesyncd(TIMESYNCD)).toEqual({
      source: 'timesyncd',
      offset_ms: 1.103,
      uncertainty_ms: 36.211,
      synchronised: true,
    });
  });

  test.each([
    ['+2min 1.5s', -121_500],
    ['+12us', -0.012],
    ['0', undefined],
  ])('an offset of %s', (written, offset) => {
    const parsed = parseTimesyncd(TIMESYNCD.replace('-1.103ms', written));
    expect(parsed?.offset_ms).toBe(offset ?? null);
  });

  test('that has heard of no server yet is not synchronised', () => {
    const early =
      '       Server: (null) (ntp.example)\nPoll interval: 0 (min: 32s; max 34min 8s)\n Packet count: 0\n';
    expect(parseTimesyncd(early)).toEqual({
      source: 'timesyncd',
      offset_ms: null,
      uncertainty_ms: null,
      synchronised: false,
    });
    expect(parseTimesyncd('')).toBeUndefined();
  });
});

test('ptp4l tells what the clock is ahead of its master', () => {
  const text = `sending: GET TIME_STATUS_NP
	001122.fffe.334455-0 seq 0 RESPONSE MANAGEMENT TIME_STATUS_NP
		master_offset              -1600
		ingress_time               1764294000123456789
		gmPresent                  true
		gmIdentity                 aabbcc.fffe.ddeeff
`;
  expect(parsePtp(text)).toEqual({
    source: 'ptp',
    offset_ms: -0.002,
    uncertainty_ms: null,
    synchronised: true,
  });
  expect(parsePtp('sending: GET TIME_STATUS_NP\n')).toBeUndefined();
});

describe('who keeps the clock', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hzstat-clock-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const program = (name: string, text: string, code = 0): string => {
    const path = join(directory, name);
    writeFileSync(path, `#!/bin/sh\nprintf '%s' '${text}'\nexit ${code}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  test('is the first who says so', async () => {
    const silent = {
      command: program('silent', '506 Cannot talk to daemon', 1),
      args: [],
      parse: parseChrony,
    };
    const told = { command: program('told', CHRONY), args: [], parse: parseChrony };
    expect(await clockReport([silent, told])).toMatchObject({
      clock: { source: 'chrony', offset_ms: -0.012 },
    });
  });

  test('is nobody, and the reason is said of each', async () => {
    const none = { command: join(directory, 'none'), args: [], parse: parseChrony };
    const silent = { command: program('off', '506 Cannot talk to daemon', 1), args: [], parse: parseChrony };
    const other = { command: program('other', 'hello'), args: [], parse: parseChrony };
    const { clock, clock_message } = await clockReport([none, silent, other]);
    expect(clock).toBeNull();
    expect(clock_message).toMatch(
      /none: not installed; .*506 Cannot talk to daemon; .*other: keeps no clock/,
    );
  });
});
