import { holds } from './conditions';
import { like, likeArn } from './pattern';
import { type Named, naming } from './principals';
import type { AccessRequest, Decision, Kind, Patterns, Policies, Policy, Statement } from './types';

/**
 * Decides a request. An explicit deny anywhere wins. Otherwise, within one account, the identity's or the resource's
 * policies must allow, and a session's policy and a boundary, where there are any, must allow as well; what a resource
 * grants to the session itself needs neither. Across accounts the identity's and the resource's must both allow.
 * Source: IAM, "Policy evaluation logic".
 * @throws PolicyError where a condition can't be compared with the request
 */
export function evaluate(request: AccessRequest, policies: Policies): Decision {
  const denied = explicitDeny(request, policies);
  if (denied) return denied;
  const granted = grantOnResource(request, policies.resource ?? []);
  if (policies.trust && !granted) return { allowed: false, reason: 'no role trust policy allows' };
  const crossing = isOtherAccount(request);
  if (crossing && !granted) return implicit('resource-based policy');
  const own = find(request, policies.identity, 'Allow');
  if (granted?.named === 'directly' && !crossing) return { allowed: true, by: (own ?? granted.statement).ref };
  const base = own ?? (granted?.named === 'as role' && !crossing ? granted.statement : undefined);
  if (!base) return implicit('identity-based policy');
  if (policies.boundary && !find(request, policies.boundary, 'Allow')) return implicit('permissions boundary');
  if (policies.session && !find(request, policies.session, 'Allow')) return implicit('session policy');
  return { allowed: true, by: base.ref };
}

/** Whether a statement speaks of this request; its effect is another matter. */
export function applies(request: AccessRequest, statement: Statement): boolean {
  return (
    coversAction(request, statement.action) &&
    coversResource(request, statement.resource) &&
    (!statement.principal || naming(statement.principal, request.principal) !== undefined) &&
    statement.conditions.every((condition) => holds(condition, request.context))
  );
}

/** Names of actions are compared without regard to case. Source: IAM, "IAM JSON policy elements: Action". */
export function coversAction({ action, context }: AccessRequest, { negated, patterns }: Patterns): boolean {
  return patterns.some((each) => like(each, action, context, true)) !== negated;
}

/** A trust policy's statements have no resource: it is the role that they stand on. */
export function coversResource({ resource, context }: AccessRequest, covered: Patterns | undefined): boolean {
  if (!covered) return true;
  return covered.patterns.some((each) => likeArn(each, resource, context, true)) !== covered.negated;
}

function find(request: AccessRequest, policies: readonly Policy[], effect: Statement['effect']): Statement | undefined {
  for (const { statements } of policies) {
    const found = statements.find((statement) => statement.effect === effect && applies(request, statement));
    if (found) return found;
  }
  return undefined;
}

function explicitDeny(request: AccessRequest, policies: Policies): Decision | undefined {
  const ofKind: readonly (readonly [Kind, readonly Policy[] | undefined])[] = [
    ['identity-based policy', policies.identity],
    ['session policy', policies.session],
    ['permissions boundary', policies.boundary],
    ['resource-based policy', policies.resource],
  ];
  for (const [kind, each] of ofKind) {
    const statement = find(request, each ?? [], 'Deny');
    const reason =
      kind === 'identity-based policy'
        ? (`explicit deny in an ${kind}` as const)
        : (`explicit deny in a ${kind}` as const);
    if (statement) return { allowed: false, reason, by: statement.ref };
  }
  return undefined;
}

interface Grant {
  statement: Statement;
  named: Named;
}

/** The widest grant of the policies on the resource. */
function grantOnResource(request: AccessRequest, policies: readonly Policy[]): Grant | undefined {
  const grants = policies
    .flatMap(({ statements }) => statements)
    .flatMap((statement): Grant[] => {
      const named = statement.principal && naming(statement.principal, request.principal);
      return named && statement.effect === 'Allow' && applies(request, statement) ? [{ statement, named }] : [];
    });
  const by = (named: Named): Grant | undefined => grants.find((each) => each.named === named);
  return by('directly') ?? by('as role') ?? by('as account');
}

/** An ARN without an account, as a bucket's, is taken to be of the caller's. */
function isOtherAccount({ resource, principal }: AccessRequest): boolean {
  const account = resource.split(':')[4];
  return account !== undefined && account !== '' && account !== principal.account;
}

function implicit(kind: Kind): Decision {
  return { allowed: false, reason: `no ${kind} allows` };
}
