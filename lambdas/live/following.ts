import type { Pseudonyms } from '../contract/hot/pseudonym';
import { type Changes, fanOut, type Move, type NameFor, shown } from './decide';
import type { Delivery } from './delivery';
import { PLACE_GRACE_MS, type Subscriptions } from './store';
import { topicsAt } from './topics';

/** Tells everyone who follows the devices, or the places where they are or were. */
export class Following {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly pseudonyms: Pseudonyms,
    private readonly delivery: Delivery,
    private readonly staleAfterMs: number,
  ) {}

  /** @throws ValkeyUnavailable */
  async tell(all: readonly Move[], now: number): Promise<void> {
    const fresh = now - this.staleAfterMs;
    const moves = all
      .map((move) => shown(move, fresh, fresh - PLACE_GRACE_MS))
      .filter((move) => placesOf(move).length > 0);
    const kinds = await this.subscriptions.kinds(now);
    const topics = new Map(moves.map((move) => [move, topicsAt(move.device, placesOf(move), kinds)]));
    const distinct = new Set([...topics.values()].flatMap((some) => [...some]));
    const subscribers = await this.subscriptions.of([...distinct], now);
    const clients =
      subscribers.size === 0
        ? new Map<string, Changes>()
        : fanOut(moves, subscribers, (move) => topics.get(move) ?? [], await this.namesAt(now));
    await this.delivery.deliver(clients);
  }

  private async namesAt(now: number): Promise<NameFor> {
    const { nameAt } = await this.pseudonyms.at(now);
    return (device, names, time) => (names === 'true' ? device : nameAt(device, time));
  }
}

const placesOf = ({ before, after }: Move) => [before, after].filter((place) => place !== undefined);
