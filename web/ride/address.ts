import { idSchema } from '../../lambdas/contract/ids';

/** What the page was opened for. Without a task: the list of the owner's rides; without an owner: one's own. */
export interface Opened {
  owner: string | undefined;
  task: string | undefined;
}

/** @returns what a query string names; what can't be an id is left out */
export function openedBy(search: string): Opened {
  const query = new URLSearchParams(search);
  const id = (name: string) => idSchema.safeParse(query.get(name) ?? '').data;
  return { owner: id('owner'), task: id('task') };
}

/** @returns the address of a ride's page, relative to the console's */
export function rideAddress(owner: string | undefined, task?: string): string {
  const query = new URLSearchParams();
  if (owner !== undefined) query.set('owner', owner);
  if (task !== undefined) query.set('task', task);
  return `./ride.html?${query}`;
}
