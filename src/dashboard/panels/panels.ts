import type { Panel, PanelContext } from '../kinds/panel.ts';
import { CgroupsPanel } from './cgroups/cgroups_panel.ts';
import { GroupsTable } from './cgroups/groups_table.ts';
import { CHOSEN_CORES, CHOSEN_GROUPS, ChosenPanel } from './chosen_panel.ts';
import { CoresPanel } from './cores_panel.ts';
import {
  collectorsPanel,
  customPanel,
  devicesPanel,
  interfacesPanel,
  partitionsPanel,
} from './detail_panels.ts';
import { EvidencePanel } from './evidence_panel.ts';
import { incidentsPanel } from './incidents_panel.ts';
import { interruptsPanel } from './interrupts_panel.ts';
import { memoryPanel, pagingPanel } from './memory_panels.ts';
import { PerfPanel } from './perf_panel.ts';
import { pressurePanel } from './pressure_panel.ts';
import { cpuPanel, systemPanel } from './processor_panels.ts';
import { samplerPanel } from './sampler_panel.ts';
import { diskPanel, networkPanel } from './traffic_panels.ts';

/** All panels in the order of the page. */
export function panels(context: PanelContext): Panel[] {
  return [
    new EvidencePanel(context),
    cpuPanel(context),
    new CoresPanel(context),
    new ChosenPanel(context, CHOSEN_CORES),
    memoryPanel(context),
    systemPanel(context),
    networkPanel(context),
    diskPanel(context),
    pagingPanel(context),
    new PerfPanel(context),
    pressurePanel(context),
    interruptsPanel(context),
    new CgroupsPanel(context),
    new ChosenPanel(context, CHOSEN_GROUPS),
    samplerPanel(context),
    incidentsPanel(context),
    interfacesPanel(context),
    devicesPanel(context),
    partitionsPanel(context),
    new GroupsTable(context),
    collectorsPanel(context),
    customPanel(context),
  ];
}
