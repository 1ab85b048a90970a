import type { Panel } from '../kinds/panel.ts';

/** What is chosen in one of these is drawn by the other: they are enlarged together. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  network: ['interfaces'],
  disk: ['devices', 'partitions'],
};

/** All panels, or one enlarged to the page. */
export function arrange(grid: HTMLElement, panels: readonly Panel[], enlarged: string | undefined): void {
  const alone = panels.find(({ id }) => id === enlarged);
  grid.classList.toggle('single', alone !== undefined);
  for (const panel of panels) {
    const isCompanion = COMPANIONS[alone?.id ?? '']?.includes(panel.id) ?? false;
    panel.root.classList.toggle('enlarged', panel === alone);
    panel.root.classList.toggle('companion', isCompanion);
  }
}
