import { Audience } from './audience';
import { Fleet } from './fleet';
import { Latencies } from './latencies';
import { type Order, orderSchema, type ProcessSample } from './messages';

/** A process of the load: devices or viewers, as its first order says. `Load` (index.ts) starts it. */

let fleet: Fleet | undefined;
let audience: Audience | undefined;
let sampledAt = performance.now();
let cpu = process.cpuUsage();

async function carryOut(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'drive':
      fleet = await Fleet.open(order);
      return;
    case 'watch':
      audience = new Audience(order.ws, order.token);
      return audience.open(order.viewports);
    case 'rate':
      return fleet?.setRate(order.rate);
    case 'sample':
      return sample();
    case 'ledger':
      return fleet?.ledgers() ?? [];
    case 'views':
      return audience?.views() ?? [];
    case 'trace':
      for (const part of [fleet, audience]) if (part) part.traceEvery = order.every;
      return;
    case 'traced':
      return fleet?.traced.splice(0) ?? audience?.traced.splice(0) ?? [];
    case 'close':
      audience?.close();
      return fleet?.close();
  }
}

function sample(): ProcessSample {
  const now = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  const common = { elapsedMs: now - sampledAt, cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage().rss };
  sampledAt = now;
  cpu = process.cpuUsage();
  return {
    ...common,
    ingest: (fleet?.latencies ?? new Latencies()).take().pairs(),
    push: (audience?.latencies ?? new Latencies()).take().pairs(),
    ...taken(fleet?.counts ?? { reports: 0, accepted: 0, refused: 0, retried: 0, behind: 0, unsure: 0 }),
    ...taken(audience?.counts ?? { frames: 0, frameBytes: 0, resubscribed: 0 }),
  };
}

/** Counts so far, and from nothing again. */
function taken<T extends Record<string, number>>(counts: T): T {
  const copy = { ...counts };
  for (const name of Object.keys(counts)) Object.assign(counts, { [name]: 0 });
  return copy;
}

process.on('message', (message) => {
  const order = orderSchema.parse(message);
  carryOut(order).then(
    (value) => process.send?.({ id: order.id, value }, () => order.do === 'close' && process.exit()),
    (error: unknown) => process.send?.({ id: order.id, error: String(error) }),
  );
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
