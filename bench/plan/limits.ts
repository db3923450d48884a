/** A quota that the load is held against. Defaults are those of a new account. */
export interface Limit {
  what: string;
  need: number;
  quota: number;
  /** Whether AWS raises it on request; those that it doesn't are met by another shape. */
  raised: boolean;
  source: string;
}

/** Limits that are exceeded, what is exceeded most first: it breaks first as the load grows. */
export const exceeded = (limits: readonly Limit[]): Limit[] =>
  limits.filter(({ need, quota }) => need > quota).sort((a, b) => b.need / b.quota - a.need / a.quota);

/** What breaks first, or would: the limit that is nearest or furthest exceeded. */
export const first = (limits: readonly Limit[]): Limit | undefined =>
  [...limits].sort((a, b) => b.need / b.quota - a.need / a.quota)[0];
