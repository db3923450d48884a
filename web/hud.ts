import { element } from './element';
import type { SocketState } from './live-socket';

const RATE_WINDOW_MS = 5_000;
const REFRESH_MS = 250;

/** @returns an age in words: `0.4 s`, `12 s`, `3 min` */
export function inWords(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** The corner that says how many vehicles, how many frames, how old, and whether the line is up. */
export class Hud {
  private readonly root = element('hud');
  private readonly count = element('count');
  private readonly rate = element('rate');
  private readonly age = element('age');
  private readonly state = element('state');
  private frames: number[] = [];
  private shownAt = 0;

  /** Notes a frame. The total of frames and positions stays on the element, for whoever measures the page. */
  countFrame(positions: number): void {
    this.frames.push(performance.now());
    const { frames = '0', positions: total = '0' } = this.root.dataset;
    this.root.dataset.frames = String(Number(frames) + 1);
    this.root.dataset.positions = String(Number(total) + positions);
  }

  showCounts(vehicles: number, age: number | undefined): void {
    const now = performance.now();
    if (now - this.shownAt < REFRESH_MS) return;
    this.shownAt = now;
    this.frames = this.frames.filter((at) => now - at < RATE_WINDOW_MS);
    this.count.textContent = String(vehicles);
    this.rate.textContent = (this.frames.length / (RATE_WINDOW_MS / 1_000)).toFixed(1);
    this.age.textContent = age === undefined ? '–' : inWords(age);
  }

  showState(state: SocketState, detail: string): void {
    this.root.dataset.state = state;
    this.state.textContent = detail;
  }
}
