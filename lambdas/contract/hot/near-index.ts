import { cellAt, geoScore } from '../../geo/cells';
import type { Command, Valkey } from '../../platform/valkey';
import { CellRegistry } from './cell-registry';
import { LATEST_TTL_MS } from './latest';
import { keysOf, NEAR_LEVEL } from './near-cells';
import { updateScript } from './near-scripts';
import type { Place } from './near-sweep';

/** The index of nearby devices as far as it is written to: whoever only writes needs none of what searches it. */
export class NearIndex {
  protected readonly registry: CellRegistry;

  constructor(protected readonly valkey: Valkey) {
    this.registry = new CellRegistry(valkey);
  }

  /** Commands that take places into the index; those too old to matter are left out. `forget` them if they fail. */
  updateCommands(places: readonly Place[], now: number): Command[] {
    const byCell = new Map<string, (string | number)[]>();
    for (const place of places) {
      if (place.time < now - LATEST_TTL_MS) continue;
      const cell = cellAt(place, NEAR_LEVEL);
      const args = byCell.get(cell) ?? [LATEST_TTL_MS];
      byCell.set(cell, args);
      args.push(place.device, place.time, geoScore(place));
    }
    const updates = [...byCell].map(([cell, args]): Command => ({ script: updateScript, keys: keysOf(cell), args }));
    return [...updates, ...this.registry.enterCommands([...byCell.keys()], now)];
  }

  /** The commands did not run: cells are entered anew next time. */
  forget(): void {
    this.registry.forget();
  }

  /** Takes places into the index; one round trip. @throws ValkeyUnavailable */
  async update(places: readonly Place[], now: number): Promise<void> {
    try {
      await this.valkey.run(this.updateCommands(places, now));
    } catch (error) {
      this.forget();
      throw error;
    }
  }
}
