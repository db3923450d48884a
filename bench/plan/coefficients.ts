/**
 * What the plan takes from measurements, with the command that prints each. Those marked as assumed are AWS's side,
 * which a laptop can't measure: set them from the first load test of a deployment.
 */
export const measured = {
  /** Valkey commands of a request and of each of its points, and of them scripts (`npm run bench:cost`). */
  commandsPerRequest: 26,
  scriptsPerRequest: 5,
  /** Of a frame to a viewer (the same, with viewers). */
  commandsPerFrame: 19,
  scriptsPerFrame: 2,
  /** Microseconds of a script (the same, on a quiet machine). */
  scriptMicroseconds: 20,
  /** CPU of functions, milliseconds (the same): of a request, of a live batch's position, of a row's update. */
  ingestCpuMs: 6,
  liveCpuMs: 0.2,
  tracksCpuMs: 1,
  searchCpuMs: 0.2,
  /** Of a step of a ride, and of a corrected row. */
  ridesCpuMs: 4,
  correctionCpuMs: 4,
  frameCpuMs: 1.7,
  /** Bytes that a device takes in Valkey beside its tail, and each point of the tail's ten minutes. */
  cacheBytesPerDevice: 1_100,
  tailBytesPerPoint: 70,
  /** Log bytes of a request at the API. Functions log failures alone (the same). */
  accessLogBytes: 240,
  /** Of the index, a document and its points (`npm run bench:search`). */
  indexBytesPerPosition: 60,
  indexingCpuMsPerDocument: 0.5,
  /** Bytes of a vehicle in a frame, and of a frame around them. */
  frameBytesPerVehicle: 110,
  frameBytes: 60,
} as const;

export const assumed = {
  /** Time that a function waits for AWS's answers: ingest for Kinesis and Valkey (ms). */
  ingestWaitMs: 20,
  /** A batch's calls to DynamoDB (ms each), rows and rides 32 at a time, corrections 16; of a step, and of a row. */
  tableWaitMs: 6,
  callsPerStep: 3,
  callsPerCorrection: 4,
  /** Head-room: how full a shard, a node or a pool of functions may be planned. */
  fullness: 0.7,
  /** Records that a live invocation gets at a time on a busy shard: pushed some 14 times a second. */
  livePushesPerSecond: 14,
} as const;
