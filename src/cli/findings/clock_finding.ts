import type { HostFinding } from '../../base/host_finding.ts';
import { clockReport } from '../../sampling/host_clock/host_clock.ts';

/** Whether samples of this host can be lined up with those of others, and how well. */
export async function clockFinding(): Promise<HostFinding> {
  const subject = 'clock';
  const { clock, clock_message = '' } = await clockReport();
  if (clock === null || clock === undefined) {
    const remedy = 'chrony, systemd-timesyncd or ptp4l keeps it: apt install chrony';
    return { subject, state: 'limited', detail: clock_message, remedy };
  }
  const { source, offset_ms, uncertainty_ms, synchronised } = clock;
  const offset = offset_ms === null ? 'does not say how far off it is' : `says it is ${offset_ms} ms ahead`;
  const within = uncertainty_ms === null ? '' : `, give or take ${uncertainty_ms} ms`;
  if (synchronised) return { subject, state: 'ok', detail: `${source} ${offset}${within}` };
  return { subject, state: 'limited', detail: `${source} keeps it, but follows no other clock` };
}
