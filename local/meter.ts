import { z } from 'zod';
import type { Meter, MeterLine, Usage } from './model';

/** The meter's lines, as `/_local/meter` tells them. */
export const meterSchema: z.ZodType<MeterLine[]> = z.array(
  z.object({
    service: z.string(),
    action: z.string(),
    function: z.string(),
    calls: z.number(),
    units: z.record(z.string(), z.number()),
  }),
);

/** Adds up usages by service, action and function. Its size is bounded by the template's functions. */
export class LocalMeter implements Meter {
  private readonly lines = new Map<string, MeterLine>();

  add({ service, action, function: name, units = {} }: Usage): void {
    const key = `${service} ${action} ${name}`;
    const line = this.lines.get(key) ?? { service, action, function: name, calls: 0, units: {} };
    line.calls += 1;
    for (const [unit, amount] of Object.entries(units)) line.units[unit] = (line.units[unit] ?? 0) + amount;
    this.lines.set(key, line);
  }

  snapshot(): MeterLine[] {
    return structuredClone([...this.lines.values()]);
  }

  reset(): void {
    this.lines.clear();
  }
}
