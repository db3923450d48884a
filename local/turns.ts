/** Runs tasks one after the other, in the order in which they were given. */
export class Turns {
  /** tasks that wait or run */
  waiting = 0;
  private last: Promise<unknown> = Promise.resolve();

  /** @returns when the task is done; rejects as it does */
  take(task: () => Promise<void>): Promise<void> {
    this.waiting += 1;
    const done = this.last.then(task).finally(() => {
      this.waiting -= 1;
    });
    this.last = done.catch(() => undefined);
    return done;
  }
}
