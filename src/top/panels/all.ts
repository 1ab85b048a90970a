import type { Panel } from '../rows/panel.ts';
import { cgroupsPanel } from './cgroups.ts';
import { cpuPanel } from './cpu.ts';
import { diskPanel } from './disk.ts';
import { interruptsPanel } from './interrupts.ts';
import { memoryPanel } from './memory.ts';
import { networkPanel } from './network.ts';
import { ownCostPanel } from './own_cost.ts';
import { pagingPanel } from './paging.ts';
import { perfEventsPanel } from './perf_events.ts';
import { pressurePanel } from './pressure.ts';

/** The panels in the order they are shown. */
export const PANELS: readonly Panel[] = [
  cpuPanel,
  memoryPanel,
  networkPanel,
  diskPanel,
  pagingPanel,
  perfEventsPanel,
  pressurePanel,
  interruptsPanel,
  cgroupsPanel,
  ownCostPanel,
];
