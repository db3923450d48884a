import { z } from 'zod';

/** Where the API is: written by the deployment; a laptop's also carries a token of an operator. */
const configSchema = z.object({
  api: z.url(),
  ws: z.url({ protocol: /^wss?$/ }),
  token: z.string().optional(),
  /** A MapLibre style to use instead of the bundled one, which needs no internet. */
  styleUrl: z.url().optional(),
});
type Config = z.infer<typeof configSchema>;

const claimsSchema = z.object({ sub: z.string().optional(), 'cognito:groups': z.array(z.string()).default([]) });

function claimsOf(token: string): z.infer<typeof claimsSchema> | undefined {
  try {
    const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
    return claimsSchema.parse(JSON.parse(atob(payload)));
  } catch {
    return undefined;
  }
}

/** @returns whether a token's owner is an operator; for what to show, the server decides what it gives. */
export const isOperator = (token: string): boolean => claimsOf(token)?.['cognito:groups'].includes('operator') ?? false;

/** @returns whose token it is; undefined where it does not say */
export const subjectOf = (token: string): string | undefined => claimsOf(token)?.sub;

const storageKey = 'waystream-token';

function askForToken(reason: string): Promise<string> {
  const form = document.querySelector<HTMLFormElement>('#sign-in');
  const input = document.querySelector<HTMLInputElement>('#token');
  const why = document.querySelector('#sign-in-reason');
  if (!form || !input || !why) throw new Error('The page has no sign-in form.');
  why.textContent = reason;
  form.hidden = false;
  input.value = '';
  input.focus();
  return new Promise((resolve) => {
    const submit = (event: Event) => {
      event.preventDefault();
      form.hidden = true;
      sessionStorage.setItem(storageKey, input.value.trim());
      resolve(input.value.trim());
    };
    form.addEventListener('submit', submit, { once: true });
  });
}

async function readConfig(): Promise<Config> {
  const response = await fetch('./config.json', { cache: 'no-store' });
  const body: unknown = await response.json().catch(() => undefined);
  const config = configSchema.safeParse(body);
  if (!config.success) throw new Error('The page’s config.json, which says where the API is, is missing or wrong.');
  return config.data;
}

/** Who looks, and at which API. */
export class Session {
  readonly api: string;
  readonly ws: string;
  /** A map style to use instead of the bundled one. `?style=URL` chooses it, or the configuration. */
  readonly styleUrl: string | undefined;
  private renewal: Promise<void> | undefined;

  private constructor(
    config: Config,
    public token: string,
  ) {
    this.api = config.api;
    this.ws = config.ws;
    this.styleUrl = new URLSearchParams(location.search).get('style') ?? config.styleUrl;
  }

  /** Reads the configuration, and asks for a token where there is none. */
  static async open(): Promise<Session> {
    const config = await readConfig();
    const token = config.token ?? sessionStorage.getItem(storageKey) ?? (await askForToken(''));
    return new Session(config, token);
  }

  get operator(): boolean {
    return isOperator(this.token);
  }

  /** Asks the API about the token, since a browser does not tell why a WebSocket was refused. */
  async isRefused(): Promise<boolean> {
    const headers = { authorization: `Bearer ${this.token}` };
    const answer = await fetch(new URL('/v1/tickets', this.api), { method: 'POST', headers }).catch(() => undefined);
    return answer?.status === 401 || answer?.status === 403;
  }

  /**
   * Forgets a token that was refused: a laptop's configuration has a fresh one, elsewhere the page asks, once for all
   * who met the refusal.
   */
  renew(): Promise<void> {
    this.renewal ??= this.renewed().finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  private async renewed(): Promise<void> {
    sessionStorage.removeItem(storageKey);
    const { token } = await readConfig();
    this.token = token ?? (await askForToken('The token was refused: it may have expired.'));
  }
}
