import { kinesis } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { Limiter } from '../platform/limiter';
import { StreamWriter } from '../platform/stream-writer';
import { connectValkey, type Valkey } from '../platform/valkey';
import { ingestEnv } from './env';
import { Positions } from './store';
import type { Ingest } from './take';

/** What every door stands on, made once when the function starts. */
export function wire(): Ingest & { valkey: Valkey } {
  const env = readEnvironment(ingestEnv);
  // Reports do without Valkey: while it is away, they hardly wait for it.
  const valkey = connectValkey(env, { graceMs: 20 });
  const positions = new Positions(new StreamWriter(kinesis(), env.POSITIONS_STREAM), valkey);
  return { env, limiter: new Limiter(valkey), positions, valkey };
}
