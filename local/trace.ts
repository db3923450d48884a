/** A traced point was at a hop: `[hop, the point's time, when it was there]`, epoch ms. */
export type Mark = [hop: string, time: number, at: number];

/** Marks kept until somebody takes them; more are not. */
const MOST_MARKS = 500_000;

/** Times of points as reports and frames have them, and as a stream's record packs them. */
const times = /(?:"time\\?":|\[)(\d{13})\b/g;

/**
 * Where points are on their way through the stack, told apart by their times, so that nothing of what travels has to
 * change. Off by default; then it costs a comparison a hop. There is one, as one stack is in a process.
 */
export class Trace {
  /** points whose time is a multiple of so many ms are traced; 0 traces none */
  private every = 0;
  private marks: Mark[] = [];

  /** @param every ms; 0 ends it */
  start(every: number): void {
    this.every = every;
    this.marks = [];
  }

  /** @returns what has been seen since the last call */
  take(): Mark[] {
    return this.marks.splice(0);
  }

  /** Marks each traced point in a text. */
  see(hop: string, text: () => string): void {
    if (this.every === 0 || this.marks.length > MOST_MARKS) return;
    const at = Date.now();
    for (const [, digits] of text().matchAll(times)) {
      const time = Number(digits);
      if (time % this.every === 0) this.marks.push([hop, time, at]);
    }
  }

  /** Marks each traced point in records of a stream, as their services' JSON has them. */
  seeRecords(hop: string, json: () => string): void {
    const decode = (encoded: string) => Buffer.from(encoded, 'base64').toString('utf8');
    this.see(hop, () => [...json().matchAll(/"[Dd]ata":"([^"]+)"/g)].map(([, data = '']) => decode(data)).join('\n'));
  }
}

export const trace = new Trace();
