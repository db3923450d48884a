import type { TrackedPosition } from '../../lambdas/contract/position';
import { allPages } from '../system/history';
import { eventually } from '../system/stack';
import type { Rig } from './harness';

const DAY_MS = 86_400_000;
/** An index shows what was written to it within a second or two. */
const PATIENCE_MS = 20_000;

/** Waits until a search finds every accepted point once, and nothing that was not sent. */
export async function foundBySearch({ client, operator, ledger }: Rig): Promise<void> {
  const devices = [...new Set(ledger.names.map((name) => name.split('/')[0]))].join();
  const path = `/v1/search?devices=${devices}&from=${Date.now() - DAY_MS}&to=${Date.now() + DAY_MS}&limit=10000`;
  let wrong: unknown[] = [];
  const differences = async () => {
    const found = await allPages<TrackedPosition>(client, path, operator, 'positions');
    wrong = ledger.names.flatMap((name) => {
      const shown = found.filter(({ device, task }) => `${device}/${task}` === name);
      return ledger.difference(name, shown) ?? [];
    });
    return wrong.length === 0;
  };
  await eventually(differences, PATIENCE_MS, () => `searches differ: ${JSON.stringify(wrong).slice(0, 2_000)}`);
}
