import { correctMinute, MOST_POINTS } from './decide';
import { type Due, type Minutes, toJudge } from './due';
import type { CorrectionStore } from './store';
import { windows, withContext } from './windows';

/** The function's time is up; what is done stays, and the next try goes on behind it. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** Judges the minutes of tracks that are due, in order of time, so that how far a track is can be seen from its rows. */
export class Corrector {
  constructor(
    private readonly store: Pick<CorrectionStore, 'correctedUntil' | 'minutes' | 'write'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** @param deadline epoch ms @throws OutOfTime where there is more to do than time */
  async correct(due: Due, deadline: number): Promise<void> {
    if (due.newest === undefined) return;
    const until = await this.store.correctedUntil(due);
    for (const range of toJudge(due, due.newest, until)) await this.judge(due, range, deadline);
  }

  private async judge({ device, task }: Due, range: Minutes, deadline: number): Promise<void> {
    const minutes = this.store.minutes({ device, task }, withContext(range));
    for await (const window of windows(minutes, range)) {
      if (this.now() > deadline) throw new OutOfTime(`${device}#${task} is corrected until ${window.minute}`);
      const points = correctMinute(window.minute, window.points);
      // What is too dense for one item stays uncorrected.
      if (points.length <= MOST_POINTS) {
        await this.store.write({ device, task, minute: window.minute, points }, window.seen);
      }
    }
  }
}
