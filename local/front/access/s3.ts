import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '../call';
import type { Access } from './access';

/** Parameters that choose what to do; others refine it. */
const choosing = new Set(
  'acl attributes cors delete encryption legal-hold lifecycle location notification object-lock policy replication restore retention select tagging torrent uploadId uploads versioning versions website'.split(
    ' ',
  ),
);

const onObject: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'GetObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
  'GET tagging': 'GetObjectTagging',
  'PUT tagging': 'PutObjectTagging',
  'DELETE tagging': 'DeleteObjectTagging',
  'GET acl': 'GetObjectAcl',
  'PUT acl': 'PutObjectAcl',
  'GET attributes': 'GetObjectAttributes',
  'POST uploads': 'PutObject',
  'PUT uploadId': 'PutObject',
  'POST uploadId': 'PutObject',
  'GET uploadId': 'ListMultipartUploadParts',
  'DELETE uploadId': 'AbortMultipartUpload',
};
const onVersion: Readonly<Record<string, string>> = {
  GET: 'GetObjectVersion',
  HEAD: 'GetObjectVersion',
  DELETE: 'DeleteObjectVersion',
};
const onBucket: Readonly<Record<string, string>> = {
  GET: 'ListBucket',
  HEAD: 'ListBucket',
  PUT: 'CreateBucket',
  DELETE: 'DeleteBucket',
  'GET location': 'GetBucketLocation',
  'GET uploads': 'ListBucketMultipartUploads',
  'GET versions': 'ListBucketVersions',
};

/**
 * What a request to S3 needs. Source: Amazon S3 user guide, "Required permissions for Amazon S3 API operations".
 * @param body of a multi-object delete, which names its objects
 * @throws AwsError for an operation that is not known
 */
export function s3Access(method: string, url: string, headers: IncomingHttpHeaders, body?: Buffer): Access[] {
  const { pathname, searchParams } = new URL(url, 'http://local');
  const [bucket = '', ...rest] = pathname.slice(1).split('/').map(decodeURIComponent);
  if (bucket === '' && method === 'GET') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  const key = rest.join('/');
  const chosen = [...searchParams.keys()].filter((name) => choosing.has(name));
  const what = [method, ...chosen].join(' ');
  if (key === '' && what === 'POST delete') return deletions(bucket, body);
  const action = actionOf(what, key !== '', searchParams.has('versionId'));
  const keys = (name: string): readonly string[] | undefined => keyOf(name, searchParams);
  const resource = key === '' ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`;
  return [{ action: `s3:${action}`, resource, keys }, ...alongside(action, resource, headers)];
}

function actionOf(what: string, object: boolean, version: boolean): string {
  const action = object ? ((version ? onVersion[what] : undefined) ?? onObject[what]) : onBucket[what];
  if (action === undefined) {
    throw new AwsError(400, 'NotImplemented', `${what} of ${object ? 'an object' : 'a bucket'} is not served locally`);
  }
  return action;
}

/** What else a put needs: to read what it copies, and to set tags and grants that come with it. */
function alongside(action: string, resource: string, headers: IncomingHttpHeaders): Access[] {
  if (action !== 'PutObject') return [];
  const source = headers['x-amz-copy-source'];
  const more: Access[] = [];
  if (typeof source === 'string') {
    const path = decodeURIComponent(source)
      .replace(/^\//, '')
      .replace(/\?versionId=.*$/, '');
    more.push({ action: 's3:GetObject', resource: `arn:aws:s3:::${path}` });
  }
  if (headers['x-amz-tagging'] !== undefined) more.push({ action: 's3:PutObjectTagging', resource });
  if (headers['x-amz-acl'] !== undefined) more.push({ action: 's3:PutObjectAcl', resource });
  return more;
}

function deletions(bucket: string, body: Buffer | undefined): Access[] {
  const keys = [...(body?.toString('utf8') ?? '').matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
  if (keys.length === 0) throw new AwsError(400, 'MalformedXML', 'The delete names no objects that can be read here');
  return keys.map((key) => ({ action: 's3:DeleteObject', resource: `arn:aws:s3:::${bucket}/${unescaped(key)}` }));
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text
    .replace(/&#(x?)([0-9a-f]+);/gi, (_, hex: string, digits: string) =>
      String.fromCodePoint(Number.parseInt(digits, hex ? 16 : 10)),
    )
    .replace(/&(lt|gt|amp|quot|apos);/g, (whole, name: string) => entities[name] ?? whole);
}

const parameters: Readonly<Record<string, string>> = {
  's3:prefix': 'prefix',
  's3:delimiter': 'delimiter',
  's3:max-keys': 'max-keys',
  's3:versionid': 'versionId',
};

function keyOf(key: string, query: URLSearchParams): readonly string[] | undefined {
  const value = query.get(parameters[key] ?? '');
  return value === null ? undefined : [value];
}
