/** Where in the stream somebody is: behind a sequence number of this run, or behind a time of whatever run. */
export type Position = { readonly sequence: number } | { readonly timestamp: string };

/** Whether who is at that position has had the snapshot. */
export function hasHad(
  position: Position,
  { sequence, timestamp }: { readonly sequence: number; readonly timestamp: string },
): boolean {
  return 'sequence' in position ? sequence <= position.sequence : timestamp <= position.timestamp;
}
