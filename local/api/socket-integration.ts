import { z } from 'zod';
import type { InvokeResult } from '../model';
import type { Route } from './definition';
import { withTimeout } from './timeout';
import type { GatewayDeps } from './types';

const proxied = z.looseObject({
  statusCode: z.coerce.number().int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});
type Proxied = z.infer<typeof proxied>;
/** What came of a route's function: its proxy answer, or what the gateway says instead. */
export type Outcome = { latencyMs: number } & (
  | { ok: true; answer: Proxied }
  | { ok: false; status: 502 | 504; text: string }
);

/** Runs a route's function. A result without a `statusCode` is no proxy answer: the gateway calls it its own error. */
export async function integrate(deps: GatewayDeps, route: Route, event: unknown): Promise<Outcome> {
  const started = performance.now();
  const result = await invokeWithin(deps, route.functionArn, event, route.timeoutMs);
  const latencyMs = Math.round(performance.now() - started);
  if (result === 'timeout') return { ok: false, status: 504, text: 'Endpoint request timed out', latencyMs };
  const parsed = proxied.safeParse(result.ok ? result.payload : undefined);
  if (parsed.success) return { ok: true, answer: parsed.data, latencyMs };
  return { ok: false, status: 502, text: 'Internal server error', latencyMs };
}

/** @param timeoutMs of the integration; the gateway's own limit stands above it */
export async function invokeWithin(
  deps: GatewayDeps,
  functionArn: string,
  event: unknown,
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<InvokeResult | 'timeout'> {
  const limitMs = Math.min(timeoutMs, deps.limits.socketTimeoutMs);
  const result = deps.functions.invoke(functionArn, event).catch((error: unknown): InvokeResult => {
    deps.log('socket', `${functionArn}: ${String(error)}`);
    return { ok: false, error: { errorType: 'ServiceException', errorMessage: String(error) } };
  });
  return await withTimeout(result, limitMs);
}
