import { execFileSync } from 'node:child_process';
import type { StackClient } from '../system/stack';
import type { Fault, Rig } from './harness';
import { Traffic } from './traffic';

/** Ten times the traffic: nine times as much again beside it, from vehicles of its own. */
export class Burst {
  /** how often the API answered what, by status */
  readonly answers = new Map<number, number>();

  private constructor(
    private readonly traffic: Traffic,
    readonly fault: Fault,
  ) {}

  /** @param skip recorded drives that are passed over @param seconds how long it lasts */
  static async over({ client, ledger }: Rig, skip: number, seconds: number): Promise<Burst> {
    // Three times the vehicles, each three times as often.
    const traffic = await Traffic.over(client, ledger, { skip, fed: 48, alone: 24, everyMs: 333 });
    const began = Date.now();
    const burst: Burst = new Burst(traffic, {
      name: 'Ten times the traffic',
      seconds,
      begin: async () => traffic.start(),
      // What was refused in the burst is sent again until it is taken.
      end: async () => {
        await traffic.pause();
        for (const { status } of traffic.between(began, Date.now())) {
          burst.answers.set(status, (burst.answers.get(status) ?? 0) + 1);
        }
      },
    });
    return burst;
  }

  stop(): Promise<void> {
    return this.traffic.stop();
  }
}

/** @returns bytes of memory that the stack's own process has, functions included and engines not */
export function memoryOf({ place }: StackClient): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(place.pid)], { encoding: 'utf8' })) * 1024;
}
