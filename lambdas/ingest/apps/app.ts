import type { Latest } from '../../contract/hot/latest';
import type { Receipt } from '../../contract/reports';

/** A message of an app, as far as adapters look into it. */
export interface Message {
  /** Who holds the key: the device, or the feed. */
  sender: string;
  query: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  /** epoch ms */
  now: number;
}

/** A point on its way to be judged: what is missing or impossible in it is refused there. */
export interface Candidate {
  time?: number | undefined;
  lat?: number | undefined;
  lon?: number | undefined;
  accuracy?: number;
  speed?: number;
  heading?: number;
  altitude?: number;
  attributes?: Record<string, string | number | boolean>;
}

/** The body of a report as `POST /v1/positions` takes it: a device's or a feeder's. */
export type AppReport =
  | { points: Candidate[] }
  | { devices: { deviceId: string; taskId?: string; points: Candidate[] }[] };

/** What an app is told. */
export interface Outcome {
  receipt: Receipt;
  /** Newest positions of the devices that the key names as friends. */
  friends: readonly Latest[];
}

/** How one app speaks: read and answered without a clock, a store or a call. */
export interface App {
  /** The role that its key must have. */
  role: 'device' | 'feeder';
  /** Whether its answer shows friends. */
  showsFriends?: boolean;
  /** @returns reports within the limits of one, none for a message without a position. @throws BadRequest */
  read(message: Message): AppReport[];
  /** @returns the JSON that the app takes for success */
  answer(outcome: Outcome): unknown;
}
