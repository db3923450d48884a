import type { Clock } from './environment';
import { numberOf, parseJson } from './json';

/** A token, or what gets one: asked again before it ends, and when the server refuses it. */
export type TokenSource = string | (() => string | Promise<string>);

/** A token is renewed so long before its end (ms). */
const EARLY_MS = 60_000;

/** @returns when a JWT ends (epoch ms); undefined where it does not say */
export function endOf(token: string): number | undefined {
  const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/');
  if (payload === undefined) return undefined;
  try {
    const seconds = numberOf(parseJson(atob(payload)), 'exp');
    return seconds === undefined ? undefined : seconds * 1_000;
  } catch {
    return undefined;
  }
}

/** Keeps the token in use. Several who ask at once get the same. */
export class Tokens {
  private held: string | undefined;
  private asked: Promise<string> | undefined;

  constructor(
    private readonly source: TokenSource,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** @throws what the source throws */
  async current(): Promise<string> {
    const end = this.held === undefined ? undefined : endOf(this.held);
    if (this.held !== undefined && (end === undefined || end - EARLY_MS > this.clock.now())) return this.held;
    return this.renewed();
  }

  /** The server has refused this one. @returns whether there is another to try */
  async refused(token: string): Promise<boolean> {
    if (typeof this.source === 'string') return false;
    if (this.held !== undefined && this.held !== token) return true;
    return (await this.renewed()) !== token;
  }

  private renewed(): Promise<string> {
    const { source } = this;
    this.asked ??= Promise.resolve(typeof source === 'string' ? source : source())
      .then((token) => {
        this.held = token;
        return token;
      })
      .finally(() => {
        this.asked = undefined;
      });
    return this.asked;
  }
}
