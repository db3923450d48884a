import { accountId, region } from '../../model';
import { AwsError } from '../call';
import type { Caller } from '../keys';
import type { Access } from './access';

/** What a request is known by, whatever it asks for. */
export interface Asked {
  caller: Caller;
  /** undefined where it did not come through the endpoint */
  address?: string | undefined;
  userAgent?: string | undefined;
  /** epoch milliseconds */
  now: number;
}

type Values = readonly string[] | undefined;
type Given = Values | '';

/** Keys that AWS fills for no caller of the local stack: nobody is tagged, federated, or comes through another service. */
const absent =
  /^aws:(multifactorauth|tagkeys|requesttag\/|resourcetag\/|principaltag\/|federatedprovider|principalisawsservice|sourcearn|sourceaccount|referer|calledvia|principalservicename|principalorg|resourceorg|sourceidentity|username)/;

/** Source: IAM user guide, "AWS global condition context keys". */
const global: Readonly<Record<string, (asked: Asked) => Given>> = {
  'aws:currenttime': ({ now }) => [new Date(now).toISOString()],
  'aws:epochtime': ({ now }) => [String(Math.floor(now / 1000))],
  'aws:principalaccount': () => [accountId],
  'aws:principalarn': ({ caller }) => [caller.role?.arn ?? caller.arn],
  'aws:principaltype': ({ caller }) => [caller.role ? 'AssumedRole' : 'Account'],
  'aws:requestedregion': () => [region],
  'aws:resourceaccount': () => [accountId],
  // What is plain on loopback is TLS in AWS, whose endpoints the functions have no other way to.
  'aws:securetransport': () => ['true'],
  'aws:sourceip': ({ address }) => address && [address],
  'aws:tokenissuetime': ({ caller }) => caller.role && [new Date(caller.role.issuedAt).toISOString()],
  'aws:useragent': ({ userAgent }) => userAgent && [userAgent],
  'aws:userid': ({ caller }) => [caller.userId],
  'aws:viaawsservice': () => ['false'],
  'lambda:sourcefunctionarn': ({ caller }) => caller.role?.functionArn && [caller.role.functionArn],
};

/**
 * The values of a condition key.
 * @throws AwsError for a global key that is not known here: whether it is in the request can't be said
 */
export function conditionValues(key: string, asked: Asked, access: Access): Values {
  const known = global[key];
  if (known) return known(asked) || undefined;
  if (key.startsWith('aws:') && !absent.test(key)) {
    throw new AwsError(400, 'ValidationException', `The condition key ${key} is not known to the local stack`);
  }
  return access.keys?.(key);
}
