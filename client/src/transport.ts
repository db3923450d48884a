import type { Point } from './point';

/** Points of one task, in order, with the times under which the server is to know them. */
export interface Batch {
  task: string | undefined;
  points: readonly Point[];
}

/** A point that the server will not take however often it is sent. */
export interface RefusedPoint {
  /** Index in the batch. */
  index: number;
  code: string;
  detail: string;
}

/** What became of a batch. */
export type Outcome =
  /** Taken, but for what was refused: each of these is final. */
  | { is: 'taken'; refused: RefusedPoint[] }
  /** Refused as a whole: smaller parts may be taken. A single point is refused for good. */
  | { is: 'split'; code: string; detail: string }
  /** Not taken now. `waitMs`: the server asks to wait. */
  | { is: 'later'; code: string; detail: string; waitMs?: number };

/** A way to the server. */
export interface Transport {
  /** Whether it may get through while the API does not answer. */
  readonly worksWithoutApi: boolean;
  send(batch: Batch, signal: AbortSignal): Promise<Outcome>;
}
