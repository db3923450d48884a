/** Time, as the device has it. */
export interface Clock {
  /** Epoch milliseconds; may be wrong, and may jump. */
  now(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number;
  /** @returns what calls it off */
  after(ms: number, run: () => void): () => void;
}

/** What the client takes from where it runs. */
export interface Environment {
  clock: Clock;
  /** From 0 to 1, 1 excluded. */
  random(): number;
  fetch(url: string, init: RequestInit): Promise<Response>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The environment of a browser, of React Native and of Node.js. */
export const systemEnvironment = (): Environment => ({
  clock: systemClock,
  random: Math.random,
  fetch: (url, init) => fetch(url, init),
});

/** Waits; an aborted signal ends the wait early, without an error. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal?.addEventListener('abort', end);
  });
}
