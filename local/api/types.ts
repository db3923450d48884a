import type { Functions, Log, Meter, Resource } from '../model';
import type { Issuer } from './issuer';

/**
 * What the API gateways of the local stack need from the rest of it, and what they give.
 * Everything about routes, authorizers, throttles, CORS and logs comes from the resolved resources of the template.
 */

/** Result of a post to a connection: 410 Gone, 413 PayloadTooLarge and 429 LimitExceeded are the three refusals. */
export type PostResult = 'ok' | 'gone' | 'too-large' | 'throttled';

export interface ConnectionInfo {
  /** epoch milliseconds */
  connectedAt: number;
  /** epoch milliseconds of the last message either way */
  lastActiveAt: number;
  identity: { sourceIp: string; userAgent: string };
}

/** The `@connections` API of the WebSocket API, behind whatever transport and signature check stands before it. */
export interface Connections {
  post(connectionId: string, data: Buffer): PostResult;
  /** @returns false when the connection is gone already */
  delete(connectionId: string): boolean;
  get(connectionId: string): ConnectionInfo | undefined;
}

/** Quotas of the two gateways. Times in milliseconds, sizes in bytes. Tests shorten the times; nobody else sets them. */
export interface Limits {
  httpBodyBytes: number;
  httpHeaderBytes: number;
  httpTimeoutMs: number;
  messageBytes: number;
  frameBytes: number;
  socketTimeoutMs: number;
  idleMs: number;
  durationMs: number;
  /** messages of one connection that are with a function at the same time; more wait in the socket */
  concurrentMessages: number;
  /** bytes waiting for a slow client before a post to it is refused */
  sendBufferBytes: number;
  connections: number;
}

/**
 * AWS's figures; `concurrentMessages`, `sendBufferBytes` and `connections` are not published by AWS and bound a laptop.
 * Sources: API Gateway developer guide, "Quotas for HTTP APIs" and "Quotas for WebSocket APIs".
 */
export const awsLimits: Limits = {
  httpBodyBytes: 10 * 1024 * 1024,
  httpHeaderBytes: 10_240,
  httpTimeoutMs: 30_000,
  messageBytes: 128 * 1024,
  frameBytes: 32 * 1024,
  socketTimeoutMs: 29_000,
  idleMs: 10 * 60_000,
  durationMs: 2 * 3_600_000,
  concurrentMessages: 16,
  sendBufferBytes: 1024 * 1024,
  connections: 20_000,
};

export interface ApiOptions {
  /** of the one listener; 0 lets the system choose, which only suits a template whose attributes nobody reads */
  port: number;
  /** @default 127.0.0.1 */
  host?: string;
  resources: readonly Resource[];
  functions: Functions;
  /** `api.access` and `socket.access` get the access logs in the stages' formats; `api` and `socket` get faults */
  log: Log;
  meter?: Meter;
  /** the built console; its files are served at `/` */
  webRoot?: string;
  /** where the issuer keeps its signing key between runs; without it the key dies with the process */
  dataDir?: string;
  limits?: Partial<Limits>;
}

/** What both gateways lean on. */
export interface GatewayDeps extends Pick<ApiOptions, 'functions' | 'log' | 'meter'> {
  issuer: Issuer | undefined;
  limits: Limits;
}

/** The running gateways. */
export interface RunningApi {
  /** `http://127.0.0.1:4680`: paths below `/v1` go to the HTTP API */
  api: string;
  /** `ws://127.0.0.1:4680/ws` */
  ws: string;
  console: string;
  /** the user pool's issuer, absent when the template has no pool */
  issuer: string | undefined;
  connections: Connections;
  /** @returns a signed token as the user pool would issue it. @param ttlSeconds lifetime */
  mint(sub: string, roles: readonly string[], ttlSeconds: number): Promise<string>;
  /** Listens no more and cuts everybody off, as where the APIs are wholly down; all else runs on. */
  shut(): Promise<void>;
  /** Listens again, at the same address. */
  reopen(): Promise<void>;
  /** Refuses new work, tells sockets 1001, waits for the $disconnect functions, and closes. */
  stop(): Promise<void>;
}

/** The port is taken. The command line turns it into one sentence. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
  constructor(readonly port: number) {
    super(`Port ${port} is in use. Stop what listens there, or choose another with --port.`);
  }
}
