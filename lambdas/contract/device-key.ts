import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { idSchema } from './ids';

/**
 * What an app on a phone signs in with: `<device>~<id><secret>`. No character of it is escaped in a path, and `~` is
 * none of an id's, so that a path, a bearer header and a user name with its password all can hold it. The id is public
 * and names the key in lists; the secret has 130 random bits.
 */
export interface PresentedKey {
  device: string;
  id: string;
  secret: string;
}

/** Crockford's base 32 in lower case, which nobody misreads: five bits a character. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 8;
const SECRET_LENGTH = 26;
/** Random bytes that a key is made of. */
export const KEY_BYTES = ID_LENGTH + SECRET_LENGTH;

const keyShape = new RegExp(`^[${ALPHABET}]{${KEY_BYTES}}$`);

/** @param random as many bytes as `KEY_BYTES` */
export function newKey(device: string, random: Uint8Array): PresentedKey {
  const text = Array.from(random.subarray(0, KEY_BYTES), (byte) => ALPHABET[byte & 31]).join('');
  return { device, id: text.slice(0, ID_LENGTH), secret: text.slice(ID_LENGTH) };
}

export const formatKey = ({ device, id, secret }: PresentedKey): string => `${device}~${id}${secret}`;

/** @returns undefined for what is no key of ours, without a look at any store */
export function parseKey(text: string): PresentedKey | undefined {
  const at = text.indexOf('~');
  const device = idSchema.safeParse(text.slice(0, at));
  const rest = text.slice(at + 1).toLowerCase();
  if (at < 0 || !device.success || !keyShape.test(rest)) return undefined;
  return { device: device.data, id: rest.slice(0, ID_LENGTH), secret: rest.slice(ID_LENGTH) };
}

/**
 * SHA-256 as hexadecimal text: all that the table has of a secret. A slow hash would add nothing, since there is no
 * guessing 130 random bits.
 */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Whether a secret is the one of a digest, in a time that does not tell how much of it is right. */
export function matches(secret: string, digest: string): boolean {
  const [given, known] = [Buffer.from(digestOf(secret)), Buffer.from(digest)];
  return given.length === known.length && timingSafeEqual(given, known);
}

/** What a key lets its holder do: report as one device, or for many. */
export const keyRoleSchema = z.enum(['device', 'feeder']);

export const keyIdSchema = z.string().regex(new RegExp(`^[${ALPHABET}]{${ID_LENGTH}}$`), 'is not the id of a key');

/** Most friends of a device: an app that asks is answered with all of them. */
export const MOST_FRIENDS = 10;

/** An item of the table `device-keys`: partition key `device`, sort key `key`. */
export const keyItemSchema = z.object({
  device: idSchema,
  key: keyIdSchema,
  /** SHA-256 of the secret. */
  digest: z.string(),
  role: keyRoleSchema,
  name: z.string().optional(),
  /** Devices whose newest positions an app is shown. */
  friends: z.array(idSchema).optional(),
  /** epoch ms */
  created: z.number(),
});

export type KeyItem = z.infer<typeof keyItemSchema>;

/** Names of the table's key attributes. */
export const keyAttributes = { device: 'device', key: 'key' } as const;
