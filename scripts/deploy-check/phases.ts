/** What was done, and how long each part took. */
export class Phases {
  private readonly done: { what: string; seconds: number; outcome: string }[] = [];

  /** @param what in the past tense: `stacks deployed` */
  async run<T>(what: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    let outcome = 'failed';
    try {
      const result = await work();
      outcome = 'ok';
      return result;
    } finally {
      const seconds = (performance.now() - start) / 1_000;
      this.done.push({ what, seconds, outcome });
      console.log(`${outcome === 'ok' ? '✓' : '✗'} ${what} (${seconds.toFixed(1)} s)`);
    }
  }

  print(): void {
    const width = Math.max(...this.done.map(({ what }) => what.length));
    const total = this.done.reduce((sum, { seconds }) => sum + seconds, 0);
    const lines = [...this.done, { what: 'in all', seconds: total, outcome: '' }];
    console.log('\nphase'.padEnd(width + 3), 'seconds');
    for (const { what, seconds, outcome } of lines) {
      console.log(what.padEnd(width + 2), seconds.toFixed(1).padStart(7), outcome);
    }
  }
}
