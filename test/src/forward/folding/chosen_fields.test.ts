import { expect, test } from 'vitest';
import { ChosenFields } from '../../../../src/forward/folding/chosen_fields.ts';

test.each([
  ['cpu.*', 'cpu.usage_percent', true],
  ['cpu.*', 'cpu.per_core.3', true],
  ['cpu.*', 'cpux.usage', false],
  ['disk.devices.*', 'disk.devices.sda.read_bytes', true],
  ['disk.devices.*', 'disk.read_bytes', false],
  ['disk.devices.*.in_flight', 'disk.devices.nvme0n1.in_flight', true],
  ['network.interfaces.*.bytes_recv', 'network.interfaces.eth0.100.bytes_recv', true],
  ['cpu.usage_percent', 'cpu.usage_percent', true],
  ['cpu.usage_percent', 'cpuXusage_percent', false],
  ['*', 'anything.at all\nwith a line feed', true],
])('%s and %j: %j', (pattern, path, isChosen) => {
  expect(new ChosenFields(['nothing.else', pattern]).has(path)).toBe(isChosen);
});
