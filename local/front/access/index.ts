import { AwsError, type Call } from '../call';
import type { Access, Facts } from './access';
import { dynamodbAccess } from './dynamodb';
import { kinesisAccess } from './kinesis';
import { s3Access } from './s3';

export type { Access, Facts } from './access';

/**
 * Which actions on which resources a call needs: all of them must be allowed. STS decides for itself.
 * @param operation of the JSON protocols
 * @throws AwsError for an operation that is not known: what can't be judged is not let through
 */
export function accessesOf(call: Call, operation: string, facts: Facts): Access[] {
  switch (call.service) {
    case 'dynamodb':
      return dynamodbAccess(operation, call.body, facts);
    case 'kinesis':
      return kinesisAccess(operation, call.body, facts);
    case 's3':
      return s3Access(call.method, call.url, call.request.headers, call.body);
    case 'es':
      return [searchAccess(call, facts)];
    case 'execute-api':
      return [connectionAccess(call, facts)];
    case 'sts':
      return [];
  }
}

const searchMethods: Readonly<Record<string, string>> = {
  GET: 'ESHttpGet',
  HEAD: 'ESHttpHead',
  POST: 'ESHttpPost',
  PUT: 'ESHttpPut',
  PATCH: 'ESHttpPatch',
  DELETE: 'ESHttpDelete',
};

/** Source: OpenSearch Service developer guide, "Identity and Access Management", policy elements. */
function searchAccess({ method, url }: Call, facts: Facts): Access {
  const action = searchMethods[method];
  if (action === undefined) throw new AwsError(405, 'MethodNotAllowed', `${method} is not served locally`);
  if (facts.domain === undefined) throw new AwsError(503, 'ServiceUnavailable', 'The local stack runs without es');
  return { action: `es:${action}`, resource: `${facts.domain}${pathOf(url)}` };
}

/** Source: API Gateway developer guide, "Control access to a WebSocket API with AWS IAM", @connections. */
function connectionAccess({ method, url }: Call, facts: Facts): Access {
  const [, stage = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(pathOf(url)) ?? [];
  const resource = facts.arn('execute-api', `${facts.socketApi ?? ''}/${stage}/${method}${rest}`);
  return { action: 'execute-api:ManageConnections', resource };
}

function pathOf(url: string): string {
  return decodeURIComponent(new URL(url, 'http://local').pathname);
}
