/** How long one part may take to stop before the others go on without it, in milliseconds. */
const patienceMs = 15_000;

/** What has been started, to be stopped in the opposite order. */
export class Closing {
  private readonly steps: { part: string; stop: () => unknown }[] = [];

  constructor(private readonly problem: (message: string) => void) {}

  /** Remembers how to stop a part. */
  add(part: string, stop: () => unknown): void {
    this.steps.push({ part, stop });
  }

  /** Stops everything, each part after those that were started later. A part that fails does not keep the others up. */
  async run(): Promise<void> {
    for (let step = this.steps.pop(); step; step = this.steps.pop()) {
      const { part, stop } = step;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`does not stop within ${patienceMs / 1000} s`)), patienceMs);
      });
      try {
        await Promise.race([stop(), patience]);
      } catch (error) {
        this.problem(`${part}: ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
