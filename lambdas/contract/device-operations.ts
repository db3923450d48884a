import { appKeyPathSchema, appPathSchema } from './apps';
import { issuedKeySchema, keyListSchema, keyPathSchema, newKeySchema } from './devices';
import type { Operation } from './operations';
import { devicePathSchema } from './reads';

const ownKeys = { 403: ['role_missing', 'not_yours', 'token_subject'], 503: ['store_unavailable'] };

const appProblems = {
  400: ['malformed_json', 'not_understood', 'encrypted', 'too_many_points', 'too_many_devices'],
  401: ['key_unknown'],
  403: ['role_missing'],
  404: ['app_unknown'],
  413: ['too_large'],
  503: ['rate_limited', 'store_unavailable', 'stream_unavailable'],
};

/** The same four ways for every app: by POST or by GET, with the key in a header or in the path. */
const appOperation = (method: 'get' | 'post', key: 'header' | 'path', id: string, summary: string): Operation => ({
  method,
  path: key === 'path' ? '/v1/apps/{app}/{key}' : '/v1/apps/{app}',
  id,
  tag: 'Apps',
  summary,
  description:
    'For apps that know nothing of Waystream, each in its own format: docs/apps.md says what to type into them. The ' +
    'answer is what the app takes for success. Points that can’t be accepted are counted and no error, since an app ' +
    'would send them again and again.',
  pathParameters: key === 'path' ? appKeyPathSchema : appPathSchema,
  success: { status: 200, description: 'Taken. What is answered depends on the app.' },
  problems: appProblems,
  key,
});

/** Device keys, and the apps that report with them. */
export const deviceOperations: Operation[] = [
  {
    method: 'post',
    path: '/v1/devices',
    id: 'issueDeviceKey',
    tag: 'Apps',
    summary: 'A key with which an app on a phone reports as a device',
    description:
      'An operator issues keys for anyone, a device and a feeder for themselves. The key is told once. It opens ' +
      '`/v1/apps/…` and nothing else, until it is revoked.',
    body: {
      schema: newKeySchema,
      examples: { phone: { deviceId: 'bike-7', name: 'Ana’s phone' }, feed: { deviceId: 'stcp', role: 'feeder' } },
    },
    success: { status: 201, description: 'The key.', schema: issuedKeySchema },
    problems: {
      400: ['malformed_json', 'wrong_type', 'unknown_field', 'invalid', 'too_small', 'too_big'],
      413: ['too_large'],
      415: ['unsupported_media_type'],
      422: ['too_many_keys'],
      ...ownKeys,
    },
  },
  {
    method: 'get',
    path: '/v1/devices/{id}/keys',
    id: 'deviceKeys',
    tag: 'Apps',
    summary: 'A device’s keys, without what opens anything',
    pathParameters: devicePathSchema,
    success: { status: 200, description: 'Oldest first.', schema: keyListSchema },
    problems: { 400: ['invalid_parameter'], ...ownKeys },
  },
  {
    method: 'delete',
    path: '/v1/devices/{id}/keys/{key}',
    id: 'revokeDeviceKey',
    tag: 'Apps',
    summary: 'Revoke a key, at once',
    pathParameters: keyPathSchema,
    success: { status: 204, description: 'It opens nothing any more.' },
    problems: { 400: ['invalid_parameter'], ...ownKeys, 404: ['key_not_found'] },
  },
  appOperation('post', 'header', 'reportFromApp', 'Report from an app, with its key as password or bearer token'),
  appOperation('get', 'header', 'reportFromAppByQuery', 'Report from an app in a query, with its key as password'),
  appOperation('post', 'path', 'reportFromAppByPath', 'Report from an app that can hold a key in its address only'),
  appOperation('get', 'path', 'reportFromAppByAddress', 'Report from an app whose address holds all it tells'),
];
