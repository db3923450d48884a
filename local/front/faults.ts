import { z } from 'zod';
import { sleep } from '../functions';
import type { GateFault } from '../resources/valkey-gate';

/** The engines that calls of functions and polls of mappings reach. */
export const heldServices = ['dynamodb', 'kinesis', 's3', 'es'] as const;
export type HeldService = (typeof heldServices)[number];

/**
 * What is wrong with an engine, for tests of those who depend on it. `slow`: each answer comes so much later.
 * `half-open`: calls are taken and never answered, not even when the fault is over, as on a line that is dead.
 */
export const engineFaultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('slow'), milliseconds: z.number().min(0) }),
  z.strictObject({ kind: z.literal('half-open') }),
]);
export type EngineFault = z.infer<typeof engineFaultSchema>;

/** The same fault on a way to the cache. */
export function ofGate(fault: EngineFault): GateFault | undefined {
  if (fault.kind === 'slow') return { delayMs: fault.milliseconds };
  return fault.kind === 'half-open' ? 'silent' : undefined;
}

/** After so long without an answer a mapping's poll is given up, as Lambda's pollers do. */
const POLL_TIMEOUT_MS = 5_000;

/** The faults of engines that are set. */
export class EngineFaults {
  private readonly faults = new Map<string, EngineFault>();

  set(service: HeldService, fault: EngineFault): void {
    this.faults.set(service, fault);
  }

  /** Holds a function's call up as the fault has it. @param signal aborted when the caller is gone */
  async strike(service: string, signal: AbortSignal): Promise<void> {
    const fault = this.faults.get(service);
    if (fault?.kind === 'slow') await sleep(fault.milliseconds, signal);
    if (fault?.kind === 'half-open') await goneOf(signal);
  }

  /** Holds a mapping's poll up likewise. @throws Error where no answer came in time */
  async strikePoll(service: HeldService, signal: AbortSignal): Promise<void> {
    const fault = this.faults.get(service);
    if (fault?.kind === 'slow') await sleep(fault.milliseconds, signal);
    if (fault?.kind !== 'half-open') return;
    await sleep(POLL_TIMEOUT_MS, signal);
    throw new Error(`${service} did not answer within ${POLL_TIMEOUT_MS / 1_000} s`);
  }
}

function goneOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
