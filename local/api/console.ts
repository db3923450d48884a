import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Resource } from '../model';
import { type HttpAnswer, message } from './http-response';

/** Content types as the deployment of the site gives them to its bucket. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.geojson': 'application/geo+json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.pbf': 'application/x-protobuf',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** Names with a content hash, as the bundler makes them, never change. */
const hashed = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

/**
 * Serves the built console as its distribution does: files, `index.html` for the application's own paths,
 * and the security headers of the template's response headers policy.
 * @returns a function of the method and the undecoded path
 */
export function consoleSite(
  webRoot: string | undefined,
  resources: readonly Resource[],
): (method: string, requestPath: string) => Promise<HttpAnswer> {
  const security = securityHeaders(resources);
  return async (method, requestPath) => {
    const answer = await page(webRoot, method, requestPath);
    return { ...answer, headers: { ...security, ...answer.headers } };
  };
}

async function page(webRoot: string | undefined, method: string, requestPath: string): Promise<HttpAnswer> {
  if (method !== 'GET' && method !== 'HEAD') return message(405, 'Method Not Allowed', { allow: 'GET, HEAD' });
  const name = sitePath(requestPath);
  if (webRoot === undefined || name === undefined) return message(404, 'Not Found');
  const file = name === '/' ? '/index.html' : name;
  const body =
    (await read(webRoot, file)) ?? (path.extname(file) === '' ? await read(webRoot, '/index.html') : undefined);
  if (!body) return message(404, 'Not Found');
  const headers = {
    'content-type': contentTypes[path.extname(file) || '.html'] ?? 'application/octet-stream',
    'cache-control': hashed.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  return { status: 200, headers, cookies: [], body };
}

/** The path decoded and free of steps upwards. @returns undefined for one that names nothing */
function sitePath(requestPath: string): string | undefined {
  try {
    const name = decodeURIComponent(requestPath);
    return name.includes('\0') || name.includes('\\') ? undefined : path.posix.normalize(`/${name}`);
  } catch {
    return undefined;
  }
}

/** @returns undefined for what is not there or is no file. Links out of the folder are the builder's own doing. */
async function read(webRoot: string, name: string): Promise<Buffer | undefined> {
  return await readFile(path.join(webRoot, name)).catch(() => undefined);
}

const policy = z.looseObject({
  ResponseHeadersPolicyConfig: z.looseObject({
    SecurityHeadersConfig: z
      .looseObject({
        ContentSecurityPolicy: z.looseObject({ ContentSecurityPolicy: z.string() }).optional(),
        FrameOptions: z.looseObject({ FrameOption: z.string() }).optional(),
        ReferrerPolicy: z.looseObject({ ReferrerPolicy: z.string() }).optional(),
      })
      .optional(),
  }),
});

/**
 * The policy's headers, all but Strict-Transport-Security: the local listener speaks plain HTTP.
 * The page's own origin may be connected to, since here the APIs live on it.
 */
function securityHeaders(resources: readonly Resource[]): Record<string, string> {
  const resource = resources.find((each) => each.type === 'AWS::CloudFront::ResponseHeadersPolicy');
  const config = resource && policy.parse(resource.properties).ResponseHeadersPolicyConfig.SecurityHeadersConfig;
  const contentPolicy = config?.ContentSecurityPolicy?.ContentSecurityPolicy;
  return {
    'x-content-type-options': 'nosniff',
    'x-frame-options': config?.FrameOptions?.FrameOption ?? 'DENY',
    'referrer-policy': config?.ReferrerPolicy?.ReferrerPolicy ?? 'no-referrer',
    ...(contentPolicy !== undefined && {
      'content-security-policy': contentPolicy.replace(/connect-src /, "connect-src 'self' ws: "),
    }),
  };
}
