import { z } from 'zod';

/** Where the API is: written by the deployment; a laptop's also carries a token of an operator. */
const configSchema = z.object({
  api: z.url(),
  ws: z.url({ protocol: /^wss?$/ }),
  token: z.string().optional(),
  /** A MapLibre style to use instead of the bundled one, which needs no internet. */
  styleUrl: z.url().optional(),
});

export interface Session {
  api: string;
  ws: string;
  token: string;
  operator: boolean;
  styleUrl: string | undefined;
}

const claimsSchema = z.object({ 'cognito:groups': z.array(z.string()).default([]) });

/** @returns whether a token's owner is an operator; for what to show, the server decides what it gives. */
export function isOperator(token: string): boolean {
  try {
    const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
    return claimsSchema.parse(JSON.parse(atob(payload)))['cognito:groups'].includes('operator');
  } catch {
    return false;
  }
}

const storageKey = 'waystream-token';

function askForToken(): Promise<string> {
  const form = document.querySelector<HTMLFormElement>('#sign-in');
  const input = document.querySelector<HTMLInputElement>('#token');
  if (!form || !input) throw new Error('The page has no sign-in form.');
  form.hidden = false;
  return new Promise((resolve) => {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      form.hidden = true;
      sessionStorage.setItem(storageKey, input.value.trim());
      resolve(input.value.trim());
    });
  });
}

/** Reads the configuration, and asks for a token where there is none. `?style=URL` chooses another map style. */
export async function openSession(): Promise<Session> {
  const response = await fetch('./config.json', { cache: 'no-store' });
  const config = configSchema.parse(await response.json());
  const token = config.token ?? sessionStorage.getItem(storageKey) ?? (await askForToken());
  const asked = new URLSearchParams(location.search).get('style');
  return { api: config.api, ws: config.ws, token, operator: isOperator(token), styleUrl: asked ?? config.styleUrl };
}

/** A token that was refused is forgotten, so that the next load asks again. */
export const forgetToken = (): void => sessionStorage.removeItem(storageKey);
