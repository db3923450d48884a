import { z } from 'zod';
import type { Session } from './session';

const problemSchema = z.object({ code: z.string().default('unknown'), detail: z.string() });

/** What the API answered in place of what was asked for. The message is for people. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** @returns what went wrong, in words */
export const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Who asks, and where. */
export type Asker = Pick<Session, 'api' | 'token' | 'renew'>;

type Query = Record<string, string | undefined>;

/** @returns the address of something at the API; parameters without a value are left out */
export function addressOf(api: string, path: readonly string[], query: Query = {}): URL {
  const url = new URL(`/${path.map(encodeURIComponent).join('/')}`, api);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

/**
 * Asks the API. A token that is refused is renewed once.
 * @throws Refused where it answers with a problem, TypeError where it can't be reached
 */
export async function ask(session: Asker, path: readonly string[], query?: Query): Promise<Response> {
  const once = () =>
    fetch(addressOf(session.api, path, query), { headers: { authorization: `Bearer ${session.token}` } });
  let response = await once();
  if (response.status === 401) {
    await session.renew();
    response = await once();
  }
  if (response.ok) return response;
  const { data } = problemSchema.safeParse(await response.json().catch(() => undefined));
  throw new Refused(response.status, data?.code ?? 'unknown', data?.detail ?? `The API answered ${response.status}.`);
}

/**
 * Asks the API for JSON of a known form.
 * @throws what `ask` throws, and Error where the answer has another form
 */
export async function askFor<T>(
  session: Asker,
  schema: z.ZodType<T>,
  path: readonly string[],
  query?: Query,
): Promise<T> {
  const answer = await ask(session, path, query);
  const parsed = schema.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new Error('The API answered in a form that this page does not know: load the page again.');
}
