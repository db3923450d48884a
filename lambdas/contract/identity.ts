import { z } from 'zod';
import { Forbidden } from './errors';
import { idSchema } from './ids';

export const roles = ['device', 'viewer', 'operator', 'feeder'] as const;
export type Role = (typeof roles)[number];

/** Who asks: the subject of a verified token and its roles. */
export interface Identity {
  /** The device, driver or rider; for a feeder, the feeder itself. */
  sub: string;
  roles: ReadonlySet<Role>;
}

/**
 * Roles out of a `cognito:groups` claim: a list; HTTP API's rendering of one (`[operator viewer]`); or a
 * comma-separated string, as the WebSocket authorizer passes it on. Names that are no role are left out.
 */
export function parseRoles(groups: unknown): Set<Role> {
  const names = Array.isArray(groups)
    ? groups
    : (typeof groups === 'string' ? groups : '').replace(/[[\]]/g, '').split(/[\s,]+/);
  return new Set(roles.filter((role) => names.includes(role)));
}

const identitySchema = z.object({ sub: idSchema });

/** @throws Forbidden where the subject can't be an id of ours */
export function toIdentity(sub: unknown, groups: unknown): Identity {
  const parsed = identitySchema.safeParse({ sub });
  if (!parsed.success) throw new Forbidden('token_subject', 'The token’s subject is not an id that Waystream accepts.');
  return { sub: parsed.data.sub, roles: parseRoles(groups) };
}

/** @throws Forbidden unless the caller has one of the roles */
export function requireRole(identity: Identity, ...allowed: Role[]): void {
  if (allowed.some((role) => identity.roles.has(role))) return;
  throw new Forbidden('role_missing', `This needs the role ${allowed.join(' or ')}.`);
}
