import { kinesis } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { Limiter } from '../platform/limiter';
import { StreamWriter } from '../platform/stream-writer';
import { connectValkey } from '../platform/valkey';
import { ingestEnv } from './env';
import { Positions } from './store';
import type { Ingest } from './take';

/** What both doors stand on, made once when the function starts. */
export function wire(): Ingest {
  const env = readEnvironment(ingestEnv);
  const valkey = connectValkey(env);
  const positions = new Positions(new StreamWriter(kinesis(), env.POSITIONS_STREAM), valkey);
  return { env, limiter: new Limiter(valkey), positions };
}
