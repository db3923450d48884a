import { join } from 'node:path';
import type { ValkeyEnvironment } from '../../../lambdas/platform/valkey-env';
import { takeDataDirectory } from '../../../local/engines/data-directory';
import { type Engine, startEngine } from '../../../local/engines/engine';
import { fetchEngines } from '../../../local/engines/fetch';
import { freePorts } from '../../../local/engines/ports';
import { valkeySpec } from '../../../local/engines/valkey';

export interface TestValkey {
  engine: Engine;
  environment: ValkeyEnvironment;
  stop(): Promise<void>;
}

/** A Valkey of the test's own. */
export async function startValkey(): Promise<TestValkey> {
  const { valkeyServer } = await fetchEngines(() => undefined);
  const data = await takeDataDirectory(undefined);
  const [port = 0, busPort = 0] = await freePorts(2);
  const directory = join(data.path, 'valkey');
  const spec = valkeySpec({ server: valkeyServer, directory, port, busPort, announcePort: port, kept: false });
  const logFile = join(data.path, 'valkey.log');
  const engine = await startEngine(spec, { logFile, watchdog: data.watchdog, log: () => undefined });
  return {
    engine,
    environment: { VALKEY_URL: engine.url, VALKEY_USER: 'default', VALKEY_CACHE: 'hot', AWS_REGION: 'eu-central-1' },
    async stop() {
      await engine.stop();
      await data.watchdog.end();
    },
  };
}
