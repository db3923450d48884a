import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

/**
 * An item as plain values. Devices write items too: a number with more digits than a JavaScript number holds is rounded
 * instead of hiding the whole item, which is what the SDK does by default.
 */
export const plainItem = (item: Record<string, AttributeValue>): Record<string, unknown> =>
  unmarshall(item, { wrapNumbers: Number });
