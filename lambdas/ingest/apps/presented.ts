import { type PresentedKey, parseKey } from '../../contract/device-key';

interface Credentials {
  /** The path's last segment, where the route has one. */
  key: string | undefined;
  authorization: string | undefined;
}

/** A device's id as user and the rest of its key as password, or the whole key as password of anyone. */
function ofBasic(encoded: string): PresentedKey | undefined {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  const [user, password] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  return parseKey(password.includes('~') ? password : `${user}~${password}`);
}

/**
 * The key that a request brings: in its path, as a bearer token, or by Basic authentication (RFC 7617).
 * @returns undefined where there is none that could be one of ours
 */
export function presentedKey({ key, authorization }: Credentials): PresentedKey | undefined {
  if (key !== undefined) return parseKey(key);
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+) *$/.exec(authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return parseKey(credentials);
  return scheme.toLowerCase() === 'basic' ? ofBasic(credentials) : undefined;
}
