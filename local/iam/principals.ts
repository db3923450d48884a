import type { Principal, Principals } from './types';

/**
 * How a statement's principals name who asks. The way matters: what a resource's policy grants to a session or to
 * everyone is theirs whatever their own policies leave out; what it grants to a role stays within the session's and
 * the boundary's limits; what it grants to an account is for that account to hand on.
 * Source: IAM, "Policy evaluation logic", section on resource-based policies; "AWS JSON policy elements: Principal".
 */
export type Named = 'directly' | 'as role' | 'as account';

/** @returns undefined when they don't name the one who asks */
export function naming({ negated, everyone, aws, others }: Principals, principal: Principal): Named | undefined {
  const named = everyone ? 'directly' : (strongest(aws, principal) ?? (others.includes(principal.arn) && 'directly'));
  if (negated) return named ? undefined : 'directly';
  return named || undefined;
}

function strongest(listed: readonly string[], principal: Principal): Named | undefined {
  if (listed.includes(principal.arn)) return 'directly';
  if (listed.some((arn) => isRoleOf(arn, principal.arn))) return 'as role';
  const accounts = [principal.account, `arn:aws:iam::${principal.account}:root`];
  return listed.some((each) => accounts.includes(each)) ? 'as account' : undefined;
}

/** A session's ARN has the role's name without its path. */
function isRoleOf(role: string, session: string): boolean {
  const [, account, name] = /^arn:[^:]*:iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(role) ?? [];
  const [, sessionAccount, sessionName] = /^arn:[^:]*:sts::(\d+):assumed-role\/([^/]+)\//.exec(session) ?? [];
  return name !== undefined && name === sessionName && account === sessionAccount;
}
