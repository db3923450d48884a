import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StackClient, startedStack } from '../test/system/stack';
import teardown from '../test/system/teardown';

/** Runs a measurement on a local stack of its own, which starts empty and is stopped in any case. */
export async function withStack<T>(args: string[], measure: (client: StackClient) => Promise<T>): Promise<T> {
  process.env.WAYSTREAM_TEST_DIR = mkdtempSync(join(tmpdir(), 'waystream-bench-'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void teardown().finally(() => process.exit(130)));
  }
  console.error('… starting a local stack');
  try {
    return await measure(new StackClient(await startedStack('bench', args)));
  } finally {
    await teardown();
  }
}
