import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Runtime, runtimeFinding, thisRuntime } from '../../../../src/cli/findings/runtime_finding.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const NOW = new Date('2026-11-26');

function finding(runtime: Partial<Runtime> = {}): ReturnType<typeof runtimeFinding> {
  return runtimeFinding(
    { version: '26.10.0', architecture: 'x64', glibc: '2.36', isRoot: false, ...runtime },
    NOW,
  );
}

describe('the doctor on what runs hzstat', () => {
  test.each(['22.23.3', '24.21.0', '26.10.0'])('finds nothing wrong with Node %s', (version) => {
    expect(finding({ version })).toEqual({
      subject: 'runtime',
      state: 'ok',
      detail: `Node ${version} (x64), glibc 2.36, as an ordinary user`,
    });
  });

  test.each([
    ['20.19.0', /no fixes since 2026-04-30$/],
    ['20.18.3', /for Node 20\.19 or later/],
    ['18.20.8', /for Node 20\.19 or later/],
    ['23.11.1', /tried with Node 20, 22, 24, 26 only/],
    ['25.9.0', /tried with Node 20, 22, 24, 26 only/],
    ['27.0.0', /tried with Node 20, 22, 24, 26 only/],
  ])('says of Node %s what there is to say, and which to take', (version, detail) => {
    expect(finding({ version })).toMatchObject({
      state: 'limited',
      detail: expect.stringMatching(detail),
      remedy: expect.stringContaining('Node 26'),
    });
  });

  test('does not pass off as tried what was not, which another Node would not mend', () => {
    const musl = finding({ glibc: undefined });
    expect(musl).toMatchObject({ state: 'limited', detail: expect.stringMatching(/no glibc.*not tried/) });
    expect(musl.remedy).toBeUndefined();
    const arm = finding({ architecture: 'arm64' });
    expect(arm).toMatchObject({ state: 'limited', detail: expect.stringMatching(/not tried on arm64/) });
    expect(arm.remedy).toBeUndefined();
  });

  test('knows the Node it runs on', () => {
    expect(thisRuntime()).toMatchObject({ version: process.versions.node, architecture: process.arch });
  });

  test('says the same as package.json', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    expect(engines.node.match(/(?<=[\^=])\d+/g)).toEqual(['20', '22', '24', '26']);
    expect(engines.node).toContain('^20.19.0');
  });
});
