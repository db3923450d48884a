import { z } from 'zod';

/**
 * What happens to a function's next invocations, for tests of what it leaves behind:
 * `kill` ends the instance while it works, so long after its handler began, or once the function has made so many
 * calls to AWS; `timeout` withholds the answer of a handler that is done, as if the platform's timeout had struck
 * between its last write and its answer.
 */
export const functionFaultSchema = z.union([
  z.strictObject({ kill: z.strictObject({ afterMs: z.number().min(0) }), invocations: z.int().min(0) }),
  z.strictObject({ kill: z.strictObject({ afterCalls: z.int().min(1) }), invocations: z.int().min(0) }),
  z.strictObject({ timeout: z.literal(true), invocations: z.int().min(0) }),
]);
export type PlannedFault = z.infer<typeof functionFaultSchema>;

/** An invocation that is to fail, and how. */
export interface Armed {
  /** milliseconds after which it is ended; absent where something else ends it */
  endAfterMs?: number;
  /** its answer is not to be given */
  withholdsAnswer: boolean;
  /** ends it now; set by the instance while it runs */
  end?: () => void;
  /** the fault has struck: told once */
  struck(): void;
}

/** The faults planned for one function. An invocation that ends before its fault strikes leaves it to the next. */
export class FunctionFaults {
  /** faults that have struck since the start */
  struck = 0;
  private plan: PlannedFault | undefined;
  /** strikes that are planned and not given to an invocation */
  private left = 0;
  private readonly armed = new Map<Armed, { calls: number }>();

  /** Replaces what was planned; what runs already is left alone. */
  set(plan: PlannedFault): void {
    this.plan = plan;
    this.left = plan.invocations;
    this.armed.clear();
  }

  /** What is to happen to the invocation that starts now. */
  next(): Armed | undefined {
    const { plan } = this;
    if (plan === undefined || this.left <= 0) return undefined;
    this.left -= 1;
    const kill = 'kill' in plan ? plan.kill : undefined;
    const armed: Armed = {
      ...(kill && 'afterMs' in kill && { endAfterMs: kill.afterMs }),
      withholdsAnswer: kill === undefined,
      struck: () => {
        if (this.armed.delete(armed)) this.struck += 1;
      },
    };
    this.armed.set(armed, { calls: kill && 'afterCalls' in kill ? kill.afterCalls : Number.POSITIVE_INFINITY });
    return armed;
  }

  /** The function was answered by AWS: may end the invocations that wait for it. */
  called(): void {
    for (const [armed, wait] of this.armed) {
      wait.calls -= 1;
      if (wait.calls <= 0) armed.end?.();
    }
  }

  /** An invocation has ended. */
  over(armed: Armed): void {
    if (this.armed.delete(armed)) this.left += 1;
  }
}
