import type { Segment } from './manifest.ts';

/** What the inspecting process is asked for and answers. */
export interface InspectionTask {
  readonly dataDir: string;
  readonly segments: readonly Segment[];
}

export interface InspectionAnswer {
  /** Files that could be read, and whose content could not be understood, time and again; or that are gone. */
  readonly damaged: readonly string[];
}
