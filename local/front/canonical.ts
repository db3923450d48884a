import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a signature covers. */
export interface Signed {
  method: string;
  /** path and query, as sent */
  url: string;
  headers: IncomingHttpHeaders;
  /** names in lower case, sorted, with semicolons in between */
  signedHeaders: string;
  /** hex, or what stands in its place */
  payloadHash: string;
  /** S3 takes the path as it is; everyone else encodes it once more and takes dots and empty segments out */
  pathAsIs: boolean;
}

/**
 * The canonical request. Source: IAM, "Create a signed AWS API request", step 1.
 * @throws URIError for a query that is not encoded as one
 */
export function canonicalRequest(signed: Signed): string {
  const { method, url, headers, signedHeaders, payloadHash, pathAsIs } = signed;
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const names = signedHeaders.split(';');
  return [
    method,
    pathAsIs ? path : encoded(normalized(path)).replaceAll('%2F', '/'),
    at < 0 ? '' : canonicalQuery(url.slice(at + 1)),
    ...names.map((name) => `${name}:${headerOf(headers, name)}`),
    '',
    signedHeaders,
    payloadHash,
  ].join('\n');
}

/** The value of a header; HTTP/2 has the host under a name of its own. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined) ?? '';
  return (Array.isArray(value) ? value.join(',') : value).trim().replace(/\s+/g, ' ');
}

export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function normalized(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

/** Parameters in the order of their encoded names, then values; the signature itself is not among them. */
function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((each) => each !== '')
    .map((each) => {
      const [name = '', ...value] = each.split('=');
      return `${recoded(name)}=${recoded(value.join('='))}`;
    })
    .filter((each) => !each.startsWith('X-Amz-Signature='))
    .sort()
    .join('&');
}

function recoded(text: string): string {
  return encoded(decodeURIComponent(text.replaceAll('+', '%20')));
}

/** Every octet but the unreserved ones. Source: RFC 3986, section 2.3. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}
