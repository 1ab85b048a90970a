import { mergeInProcess } from '../../src/history/merging/merging_process.ts';
import type { MergeTask } from '../../src/history/merging/messages.ts';
import type { Segment } from '../../src/history/segments/manifest.ts';

const ALWAYS = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

/** Merges segments as the product does it, by default as if all were of one hour that is over; returns the new ones. */
export async function merge(task: MergeTask): Promise<readonly Segment[]> {
  const answer = await mergeInProcess({ hour: ALWAYS, ...task }, new AbortController().signal);
  if (!answer.ok) throw new Error(answer.message);
  return answer.segments;
}
