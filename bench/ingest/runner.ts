import { createRequire } from 'node:module';

/** Runs both handlers in turn and prints CPU a call, in microseconds, by pair. Bundled, so that no loader is measured. */

interface Answer {
  statusCode?: number;
}
type Handler = (event: unknown) => Promise<Answer>;

/** Calls of one handler in a row: the other has its turn before the machine has changed. */
const CALLS = 40;

const [, , oursFile = '', bareFile = '', sizes = '', pairs = ''] = process.argv;
const load = createRequire(__filename);
const ours: Handler = load(oursFile).handler;
const bare: Handler = load(bareFile).handler;

let requests = 0;

/** A request of API Gateway's HTTP API, payload format 2.0, of a device of its own. */
function event(points: number): unknown {
  const sub = `bench-${requests++ % 1_000}`;
  const now = Date.now();
  const report = Array.from({ length: points }, (_, index) => ({
    time: now - (points - 1 - index) * 1_000,
    lat: 41.15 + index * 1e-4,
    lon: -8.61 + index * 1e-4,
    speed: 8.3,
    heading: 211,
  }));
  return {
    version: '2.0',
    routeKey: 'POST /v1/positions',
    headers: { 'content-type': 'application/json', 'user-agent': 'bench' },
    body: JSON.stringify({ points: report }),
    isBase64Encoded: false,
    requestContext: {
      requestId: String(requests),
      http: { sourceIp: `10.0.${requests % 250}.1` },
      authorizer: { jwt: { claims: { sub, 'cognito:groups': '[device]' } } },
    },
  };
}

/** @returns microseconds of CPU a call */
async function cpuOf(handler: Handler, points: number): Promise<number> {
  const events = Array.from({ length: CALLS }, () => event(points));
  const from = process.cpuUsage();
  for (const each of events) {
    const { statusCode } = await handler(each);
    if (statusCode !== 202) throw new Error(`the handler answered ${statusCode}`);
  }
  const { user, system } = process.cpuUsage(from);
  return (user + system) / CALLS;
}

async function main(): Promise<void> {
  for (const points of sizes.split(',').map(Number)) {
    // Compiled and warm before anything counts.
    for (let round = 0; round < 10; round++) for (const handler of [ours, bare]) await cpuOf(handler, points);
    const measured: [number, number][] = [];
    for (let pair = 0; pair < Number(pairs); pair++) {
      // Each goes first as often as the other.
      const first = pair % 2 === 0 ? await cpuOf(ours, points) : undefined;
      const plain = await cpuOf(bare, points);
      measured.push([first ?? (await cpuOf(ours, points)), plain]);
    }
    console.log(JSON.stringify({ points, measured }));
  }
  process.exit();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
