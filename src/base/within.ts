/** Whether something is over before patience is. */
export async function within(patienceMs: number, over: Promise<unknown>): Promise<boolean> {
  let impatience: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    impatience = setTimeout(() => resolve(false), patienceMs);
  });
  const inTime = await Promise.race([over.then(() => true), late]);
  clearTimeout(impatience);
  return inTime;
}
