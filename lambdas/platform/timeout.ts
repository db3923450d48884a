/** It took too long. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

/**
 * Waits so long and no longer.
 * @throws TimedOut naming `what` where the promise takes longer than `ms`; the promise itself goes on
 */
export async function withTimeout<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new TimedOut(`${what} took longer than ${ms} ms`));
    // A busy or thawed process finds its timer due before it has read what came in meanwhile: let it read first.
    timer = setTimeout(() => setImmediate(() => setImmediate(giveUp)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
