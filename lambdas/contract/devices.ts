import { z } from 'zod';
import { keyIdSchema, keyRoleSchema, MOST_FRIENDS } from './device-key';
import { idSchema } from './ids';

export const newKeySchema = z
  .strictObject({
    deviceId: idSchema.optional().meta({ description: 'Who reports with it; without it, the caller.' }),
    role: keyRoleSchema
      .default('device')
      .meta({ description: '`feeder` for a feed of many vehicles; by default one `device`.' }),
    name: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .meta({ description: 'For people, to tell keys apart.', example: 'Ana’s phone' }),
    friends: z
      .array(idSchema)
      .max(MOST_FRIENDS)
      .optional()
      .meta({ description: 'Devices that apps with a list of friends show. Only an operator may name them.' }),
  })
  .meta({ id: 'NewDeviceKey' });

const described = {
  keyId: z.string().meta({ description: 'Names the key; it opens nothing.', example: '0h3k9q2x' }),
  role: keyRoleSchema,
  name: z.string().optional(),
  friends: z.array(idSchema).optional(),
  createdAt: z.int().meta({ description: 'Epoch milliseconds.' }),
};

export const issuedKeySchema = z
  .object({
    deviceId: idSchema,
    key: z.string().meta({ description: 'The key. It is told here and never again.' }),
    ...described,
  })
  .meta({ id: 'DeviceKey' });

export const keyListSchema = z.object({ deviceId: idSchema, keys: z.array(z.object(described)) }).meta({
  id: 'DeviceKeys',
  description: 'A device’s keys, without what opens anything.',
});

export const keyPathSchema = z.strictObject({ id: idSchema, key: keyIdSchema });
