import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { canonicalRequest, headerOf, sha256 } from './canonical';

/** A signature as a request carries it, in its `Authorization` header or in its query. */
export interface Signature {
  accessKeyId: string;
  /** `20260101/eu-central-1/dynamodb` */
  date: string;
  region: string;
  service: string;
  signedHeaders: string;
  /** hex */
  signature: string;
  /** `20260101T120000Z` */
  time: string;
  sessionToken: string | undefined;
  /** seconds for which a presigned request is good; undefined for one signed in its header */
  expires: number | undefined;
}

/** What is wrong with who asks. Each service has its own words for it (`refusals.ts`). */
export type Problem =
  | { is: 'missing' | 'unknown key' | 'wrong token' | 'expired token' | 'mismatch' | 'wrong body' | 'expired request' }
  | { is: 'incomplete' | 'out of time' | 'wrong scope' | 'unsupported'; detail: string };

const algorithm = 'AWS4-HMAC-SHA256';
const timeForm = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Longest life of a presigned request, in seconds. Source: Amazon S3 API, "Authenticating requests: using query parameters". */
const longestExpiry = 604_800;

/** Reads the signature of a request. @returns what is wrong with its form */
export function signatureOf(headers: IncomingHttpHeaders, url: string): Signature | Problem {
  const { authorization } = headers;
  if (authorization !== undefined) return inHeader(headers, authorization);
  const at = url.indexOf('?');
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  return query.has('X-Amz-Signature') || query.has('X-Amz-Credential') ? inQuery(query) : { is: 'missing' };
}

function inHeader(headers: IncomingHttpHeaders, authorization: string): Signature | Problem {
  if (!authorization.startsWith(`${algorithm} `))
    return { is: 'unsupported', detail: 'Unsupported authorization type' };
  const part = (name: string): string => new RegExp(`[ ,]${name}=([^,\\s]+)`).exec(authorization)?.[1] ?? '';
  return checked({
    ...scopeOf(part('Credential')),
    signedHeaders: part('SignedHeaders'),
    signature: part('Signature'),
    time: headerOf(headers, 'x-amz-date'),
    sessionToken: headerOf(headers, 'x-amz-security-token') || undefined,
    expires: undefined,
  });
}

function inQuery(query: URLSearchParams): Signature | Problem {
  const part = (name: string): string => query.get(`X-Amz-${name}`) ?? '';
  if (part('Algorithm') !== algorithm)
    return { is: 'unsupported', detail: `X-Amz-Algorithm only supports ${algorithm}` };
  return checked({
    ...scopeOf(part('Credential')),
    signedHeaders: part('SignedHeaders'),
    signature: part('Signature'),
    time: part('Date'),
    sessionToken: part('Security-Token') || undefined,
    expires: Number(part('Expires') || 'none'),
  });
}

function scopeOf(credential: string): Pick<Signature, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const parts = credential.split('/');
  const [accessKeyId = '', date = '', region = '', service = '', end] = parts;
  return end === 'aws4_request' && parts.length === 5
    ? { accessKeyId, date, region, service }
    : { accessKeyId, date: '', region: '', service: '' };
}

function checked(found: Signature): Signature | Problem {
  const wants = (name: string): Problem => ({
    is: 'incomplete',
    detail: `Authorization header requires a valid '${name}' parameter.`,
  });
  if (found.service === '') return wants('Credential');
  if (!/^[0-9a-f]{64}$/.test(found.signature)) return wants('Signature');
  if (!timeForm.test(found.time)) {
    return { is: 'incomplete', detail: "Authorization header requires existence of a 'X-Amz-Date' header." };
  }
  if (!found.time.startsWith(found.date)) {
    const detail = `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${found.date}' != '${found.time.slice(0, 8)}', from '${found.time}'.`;
    return { is: 'out of time', detail };
  }
  return found.signedHeaders === '' ? wants('SignedHeaders') : found;
}

/**
 * Whether the clocks agree, and a presigned request is still good.
 * @param now epoch milliseconds
 * @param skewMinutes by which they may differ
 */
export function timeProblem({ time, expires }: Signature, now: number, skewMinutes: number): Problem | undefined {
  if (expires !== undefined && !(expires >= 1 && expires <= longestExpiry)) {
    return { is: 'incomplete', detail: `X-Amz-Expires must be a number of seconds from 1 to ${longestExpiry}` };
  }
  const at = Date.parse(time.replace(timeForm, '$1-$2-$3T$4:$5:$6Z'));
  const skew = skewMinutes * 60_000;
  if (at > now + skew) {
    const detail = `Signature not yet current: ${time} is still later than ${stamp(now + skew)} (${stamp(now)} + ${skewMinutes} min.)`;
    return { is: 'out of time', detail };
  }
  if (expires !== undefined) return now > at + expires * 1000 ? { is: 'expired request' } : undefined;
  if (at >= now - skew) return undefined;
  const detail = `Signature expired: ${time} is now earlier than ${stamp(now - skew)} (${stamp(now)} - ${skewMinutes} min.)`;
  return { is: 'out of time', detail };
}

function stamp(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Keys derived for a day, region and service: they change daily, so that a few suffice. */
const derived = new Map<string, Buffer>();
const derivedLimit = 10_000;

function signingKey(secret: string, { accessKeyId, date, region, service }: Signature): Buffer {
  const name = `${accessKeyId}/${date}/${region}/${service}/${secret}`;
  const known = derived.get(name);
  if (known) return known;
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (previous, each) => hmac(previous, each),
    `AWS4${secret}`,
  );
  if (derived.size >= derivedLimit) derived.clear();
  const made = Buffer.from(key);
  derived.set(name, made);
  return made;
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

export interface ToVerify {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  payloadHash: string;
}

/** Headers that must be covered where they are there, or whoever stands in between could change them. */
function uncovered(headers: IncomingHttpHeaders, signedHeaders: string): string | undefined {
  const covered = new Set(signedHeaders.split(';'));
  // HTTP/2 has the host under a name of its own, and clients sign it as such.
  if (!covered.has('host') && !covered.has(':authority')) return 'host';
  return Object.keys(headers).find((name) => name.startsWith('x-amz-') && !covered.has(name));
}

/** Whether the signature is the one that the key's owner makes for this request. */
export function signatureProblem(found: Signature, secret: string, request: ToVerify): Problem | undefined {
  const missing = uncovered(request.headers, found.signedHeaders);
  if (missing !== undefined) {
    return { is: 'incomplete', detail: `'${missing}' must be a 'SignedHeader' in the AWS Authorization.` };
  }
  const { signedHeaders, date, region, service, time } = found;
  const canonical = attempt(() => canonicalRequest({ ...request, signedHeaders, pathAsIs: service === 's3' }));
  if (canonical === undefined) return { is: 'mismatch' };
  const toSign = `${algorithm}\n${time}\n${date}/${region}/${service}/aws4_request\n${sha256(canonical)}`;
  const expected = hmac(signingKey(secret, found), toSign);
  return timingSafeEqual(expected, Buffer.from(found.signature, 'hex')) ? undefined : { is: 'mismatch' };
}

function attempt(make: () => string): string | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
