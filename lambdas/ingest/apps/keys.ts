import { type KeyItem, keyAttributes, keyItemSchema, matches, type PresentedKey } from '../../contract/device-key';
import type { ItemReader } from '../../platform/get-item';

/** Looks keys up, by one strongly consistent read each: one that is revoked opens nothing from then on. */
export class Keys {
  constructor(private readonly items: Pick<ItemReader, 'get'>) {}

  /** @returns what the key stands for; undefined where it is unknown or wrong. @throws Unavailable */
  async find({ device, id, secret }: PresentedKey): Promise<KeyItem | undefined> {
    const item = await this.items.get({ [keyAttributes.device]: device, [keyAttributes.key]: id });
    if (item === undefined) return undefined;
    const known = keyItemSchema.parse(item);
    return matches(secret, known.digest) ? known : undefined;
  }
}
