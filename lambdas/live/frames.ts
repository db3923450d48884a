import type { z } from 'zod';
import type { VehiclePosition } from '../contract/position';
import type { serverMessages } from '../contract/socket';

export type Frame = z.infer<typeof serverMessages.positions> | z.infer<typeof serverMessages.snapshot>;

/**
 * Bytes of one frame: API Gateway takes 128 KB a message, carries and bills it in frames of 32 KB.
 * Source: API Gateway quotas, "WebSocket frame size"; pricing, "messages metered in 32 KB increments".
 */
export const FRAME_BYTES = 32 * 1024;

/** Braces, keys, type and id of a frame; ids have at most 32 characters, all of one byte. */
const ENVELOPE_BYTES = 128;

type Item = { position: VehiclePosition } | { left: string };

/**
 * Frames that carry all of it, none above `maxBytes`, as few as fit in the order given: at least one for a snapshot,
 * even of nothing. Only the first of several is a snapshot: it says what to forget, the others add to it.
 */
export function toFrames(
  type: Frame['type'],
  id: string,
  positions: readonly VehiclePosition[],
  left: readonly string[],
  maxBytes = FRAME_BYTES,
): Frame[] {
  const items: Item[] = [...left.map((vehicle) => ({ left: vehicle })), ...positions.map((position) => ({ position }))];
  const frames: Frame[] = [];
  let bytes = maxBytes;
  const open = (): Frame => {
    const frame: Frame = { type: frames.length === 0 ? type : 'positions', id, positions: [], left: [] };
    frames.push(frame);
    bytes = ENVELOPE_BYTES;
    return frame;
  };
  let frame = type === 'snapshot' ? open() : undefined;
  for (const item of items) {
    const size = sizeOf(item);
    if (!frame || bytes + size > maxBytes) frame = open();
    bytes += size;
    if ('left' in item) frame.left.push(item.left);
    else frame.positions.push(item.position);
  }
  return frames;
}

/** With the comma that follows; names and figures are ASCII, so characters are bytes. */
const sizeOf = (item: Item) => JSON.stringify('left' in item ? item.left : item.position).length + 1;
