import type { Closing } from './closing';
import type { TableEngine } from './engines';
import type { Log } from './model';

export interface StackOptions {
  /** of the HTTP and WebSocket APIs and the console; @default 0, a free one */
  port?: number;
  /** keeps data between runs; without it they start empty */
  dataDir?: string;
  /** shards of an on-demand stream; @default 2 */
  shards?: number;
  /** folder of a synthesized assembly; @default the project's own, synthesized when its sources have changed */
  assembly?: string;
  /** which environment's template runs; @default dev */
  environment?: string;
  /** `none` leaves the search domain out, as `-c search=none` does in a deployment */
  search?: 'none';
  /** what holds the tables; @default dynamodb-local */
  tables?: TableEngine;
  /** prints the functions' logs; they are in files in any case */
  verbose?: boolean;
  /** folder for the logs, which are kept when the stack stops; @default below the data */
  logs?: string;
  /** what happens, step by step */
  progress?: (message: string) => void;
}

/** Options as a stack that starts has them. */
export interface Surroundings extends StackOptions {
  port: number;
  /** Held until then, so that nothing else takes it. */
  releasePort(): Promise<void>;
  logs: string;
  log: Log;
  closing: Closing;
}
