/** Limits that clients meet; each is named in the OpenAPI document and answered with a code of its own. */
export const limits = {
  /** Bytes of a request body or of a WebSocket report. */
  bodyBytes: 256 * 1024,
  /** Points in one request, over all its devices. */
  pointsPerRequest: 1_000,
  /** Devices in one feeder's request: one stream call carries at most 500 records. */
  devicesPerRequest: 500,
  /** Bytes of a message of an app that reports in its own format. */
  appBodyBytes: 1024 * 1024,
  /** Points in one such message. */
  pointsPerAppMessage: 5_000,
  /** A point dated further ahead than this is refused (ms). */
  futureToleranceMs: 120_000,
  /** Free attributes of one point. */
  attributesPerPoint: 16,
  /** Characters of an attribute's name. */
  attributeNameLength: 32,
  /** Bytes of one point's attributes as JSON. */
  attributeBytes: 512,
  /** Positions in one page of a track or of a search. */
  pageLimit: 10_000,
  /** Devices in one nearby answer. */
  nearbyLimit: 100,
  /** Metres of a nearby search. */
  nearbyRadius: 20_000,
  /** Corners of a searched polygon. */
  polygonCorners: 200,
  /** Subscriptions of one connection. */
  subscriptionsPerConnection: 10,
  /** Cells of one viewport subscription. */
  cellsPerViewport: 64,
} as const;
