import type { Context, Pattern } from './pattern';

/** The shapes of permissions: what is asked, what the policies say, what is decided. */

/** Who asks. A function or a device asks as a session of its role. */
export interface Principal {
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, or the ARN of a user or of the account's root */
  arn: string;
  account: string;
}

/** One action on one resource. A call on several resources is several requests, and each must be allowed. */
export interface AccessRequest {
  /** with its service's prefix: `dynamodb:GetItem` */
  action: string;
  /** ARN, or `*` for an action that knows no resource */
  resource: string;
  principal: Principal;
  /**
   * Values of a condition key.
   * @param key in lower case: `dynamodb:leadingkeys`
   * @returns undefined when the key is not in the request, [] when it is there without a value
   */
  context: Context;
}

/** A statement's place: logical id of the policy's resource (or the name it was parsed under), and position from 0. */
export interface StatementRef {
  policy: string;
  index: number;
}

/** A list of patterns, or all but those: `Action` and `NotAction`, `Resource` and `NotResource`. */
export interface Patterns {
  negated: boolean;
  patterns: readonly Pattern[];
}

/** `Principal` and `NotPrincipal`: everyone, or those listed by ARN, account or service. */
export interface Principals {
  negated: boolean;
  everyone: boolean;
  aws: readonly string[];
  /** services, identity providers and canonical users, by name */
  others: readonly string[];
}

/** One operator on one key: `{"StringLike": {"aws:PrincipalTag/team": ["a*", "b"]}}`. */
export interface Condition {
  /** without quantifier and `IfExists`: `StringLike` */
  operator: string;
  quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
  ifExists: boolean;
  /** in lower case */
  key: string;
  values: readonly Pattern[];
}

export interface Statement {
  ref: StatementRef;
  effect: 'Allow' | 'Deny';
  action: Patterns;
  /** undefined in a trust policy, whose resource is the role */
  resource: Patterns | undefined;
  /** of a policy on a resource only */
  principal: Principals | undefined;
  conditions: readonly Condition[];
}

/** A policy document, checked. */
export interface Policy {
  name: string;
  statements: readonly Statement[];
}

/** All policies that have a say in a request. */
export interface Policies {
  identity: readonly Policy[];
  /** of the `AssumeRole` call that made the session; undefined when it gave none */
  session?: readonly Policy[] | undefined;
  boundary?: readonly Policy[] | undefined;
  /** on the resource asked for */
  resource?: readonly Policy[] | undefined;
  /** the resource is a role: its trust policy must allow, whatever else does */
  trust?: boolean | undefined;
}

export const kinds = [
  'identity-based policy',
  'session policy',
  'permissions boundary',
  'resource-based policy',
] as const;
export type Kind = (typeof kinds)[number];

/** In AWS's words. Source: IAM, "Troubleshoot access denied error messages". */
export type Reason = `explicit deny in ${'an' | 'a'} ${Kind}` | `no ${Kind} allows` | 'no role trust policy allows';

export type Decision =
  | { allowed: true; by: StatementRef }
  | { allowed: false; reason: Reason; by?: StatementRef | undefined };

/** A policy that can't be understood: it is refused whole, as leaving a part out could allow more. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}
