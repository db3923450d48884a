import type { Point } from '../../lambdas/contract/position';

/** A point as a track shows it. */
export interface Shown {
  time: number;
  lat: number;
  lon: number;
}

interface Entry {
  point: Shown;
  accepted: boolean;
}

/** A track, and what does not agree with what its device was told. */
export interface Difference {
  track: string;
  /** accepted and not there */
  missing: Shown[];
  /** there and never sent, or there with another place */
  strange: Shown[];
  /** times at which more than one point stands */
  repeated: number[];
}

/** What was sent, point by point, and which of it was answered 202: the client's own account. */
export class Ledger {
  private readonly tracks = new Map<string, Map<number, Entry>>();

  /** Before a request goes out: whatever becomes of its answer, its points may be there from then on. */
  sent(device: string, task: string, points: readonly Point[]): void {
    const track = this.trackOf(device, task);
    for (const { time, lat, lon } of points) {
      if (!track.has(time)) track.set(time, { point: { time, lat, lon }, accepted: false });
    }
  }

  accepted(device: string, task: string, points: readonly Point[]): void {
    const track = this.trackOf(device, task);
    for (const { time } of points) {
      const entry = track.get(time);
      if (!entry) throw new Error(`${device} was told that a point was accepted that it never sent: ${time}`);
      entry.accepted = true;
    }
  }

  /** `device/task` of each track that something was sent of. */
  get names(): string[] {
    return [...this.tracks.keys()];
  }

  /** Points accepted so far. */
  get count(): number {
    return [...this.tracks.values()].reduce((sum, track) => sum + acceptedOf(track).length, 0);
  }

  /** The newest accepted point of each device. */
  newest(): Map<string, Shown> {
    const newest = new Map<string, Shown>();
    for (const [name, track] of this.tracks) {
      const device = name.split('/')[0] ?? '';
      for (const { point } of acceptedOf(track)) {
        if (point.time > (newest.get(device)?.time ?? 0)) newest.set(device, point);
      }
    }
    return newest;
  }

  /**
   * Holds a track as it was read against the account: each accepted point once, what was sent and never answered
   * at most once, and nothing else.
   * @returns nothing where they agree
   */
  difference(name: string, read: readonly Shown[]): Difference | undefined {
    const track = this.tracks.get(name) ?? new Map<number, Entry>();
    const times = new Set(read.map(({ time }) => time));
    const missing = acceptedOf(track).flatMap(({ point }) => (times.has(point.time) ? [] : [point]));
    const strange = read.filter((shown) => !same(track.get(shown.time)?.point, shown));
    const repeated = [...times].filter((time) => read.filter((shown) => shown.time === time).length > 1);
    if (missing.length + strange.length + repeated.length === 0) return undefined;
    return { track: name, missing, strange, repeated };
  }

  private trackOf(device: string, task: string): Map<number, Entry> {
    const name = `${device}/${task}`;
    const track = this.tracks.get(name) ?? new Map<number, Entry>();
    this.tracks.set(name, track);
    return track;
  }
}

const acceptedOf = (track: Map<number, Entry>) => [...track.values()].filter(({ accepted }) => accepted);
const same = (a: Shown | undefined, b: Shown) => a?.time === b.time && a.lat === b.lat && a.lon === b.lon;
