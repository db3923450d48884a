import type { Policies } from '../../../../local/iam';
import { parsePolicy } from '../../../../local/iam';
import type { AccessRequest, Decision, Reason } from '../../../../local/iam/types';

/** One request, the policies that have a say in it, and what AWS decides. */
export interface PolicyCase {
  name: string;
  /** guide and title of the page, and where it helps its section */
  source: string;
  /** what differs from `usual` */
  action?: string;
  resource?: string;
  principal?: string;
  account?: string;
  context?: Record<string, string | string[]>;
  identity?: object[];
  session?: object[];
  boundary?: object[];
  onResource?: object[];
  trust?: object[];
  /** @default 2012-10-17 */
  version?: string;
  expected: 'allowed' | Reason;
}

export const account = '111122223333';
export const table = `arn:aws:dynamodb:eu-central-1:${account}:table/tracks`;
export const bucket = 'arn:aws:s3:::archive';
export const role = `arn:aws:iam::${account}:role/reader`;
export const session = `arn:aws:sts::${account}:assumed-role/reader/run-1`;

export const none: Reason = 'no identity-based policy allows';
export const explicit: Reason = 'explicit deny in an identity-based policy';

type Element = string | string[];

/** A statement that allows; `rest` adds to it or replaces. */
export function allow(Action: Element = 'dynamodb:GetItem', Resource: Element = table, rest: object = {}): object {
  return { Effect: 'Allow', Action, Resource, ...rest };
}

export function deny(Action: Element = 'dynamodb:GetItem', Resource: Element = table, rest: object = {}): object {
  return { Effect: 'Deny', Action, Resource, ...rest };
}

/** An allowing statement that holds under a condition only. */
export function when(Condition: object, Action: Element = 'dynamodb:GetItem'): object {
  return allow(Action, table, { Condition });
}

/** The request of a case: a session of the role reads an item, unless the case says otherwise. */
export function requestOf({ action, resource, principal, account: owner, context = {} }: PolicyCase): AccessRequest {
  const keys = new Map(
    Object.entries(context).map(([key, value]) => [key.toLowerCase(), Array.isArray(value) ? value : [value]]),
  );
  return {
    action: action ?? 'dynamodb:GetItem',
    resource: resource ?? table,
    principal: { arn: principal ?? session, account: owner ?? account },
    context: (key) => keys.get(key),
  };
}

export function policiesOf({ identity, session, boundary, onResource, trust, version }: PolicyCase): Policies {
  const written = (Statement: object[]): object => ({ Version: version ?? '2012-10-17', Statement });
  const read = (statements: object[] | undefined, name: string) =>
    statements && [parsePolicy(written(statements), name)];
  const resource = onResource && [parsePolicy(written(onResource), 'on resource', 'resource')];
  return {
    identity: read(identity, 'identity') ?? [],
    session: read(session, 'session'),
    boundary: read(boundary, 'boundary'),
    resource: trust ? [parsePolicy(written(trust), 'trust', 'trust')] : resource,
    trust: trust !== undefined,
  };
}

export const verdict = (decision: Decision): PolicyCase['expected'] => (decision.allowed ? 'allowed' : decision.reason);
