import type { Receipt } from '../lambdas/contract/reports';
import type { Reporter } from './run';
import type { DeviceBatch } from './schedule';
import { type Counters, Sender } from './sender';

/** Devices that report at the same time. */
const DEVICES_AT_ONCE = 32;

/** One feeder that reports for all devices, a request a tick. */
export function asFeeder(api: string, token: string, counters: Counters): Reporter {
  const sender = new Sender(api, token, counters);
  return {
    tickMs: 250,
    report: async (devices, signal) => [await sender.send({ devices }, signal)],
    close: () => sender.close(),
  };
}

/** An address of the loopback network for each device: phones don't share one, and limits count by it. Linux has them all. */
export function loopbackAddress(index: number): string {
  return `127.${(index >> 14) & 127}.${(index >> 7) & 127}.${(index & 127) + 2}`;
}

const isLoopback = (api: string) => ['127.0.0.1', 'localhost'].includes(new URL(api).hostname);

/**
 * Each device by itself, over a connection and with a token of its own.
 * @param tokenFor makes or finds a device's token
 */
export function asDevices(api: string, tokenFor: (device: string) => Promise<string>, counters: Counters): Reporter {
  const senders = new Map<string, Sender>();
  const spread = isLoopback(api) && process.platform === 'linux';
  const senderOf = async (device: string) => {
    const known = senders.get(device);
    if (known) return known;
    const token = await tokenFor(device);
    const sender = new Sender(api, token, counters, spread ? loopbackAddress(senders.size) : undefined);
    senders.set(device, sender);
    return sender;
  };
  const report = async (batches: DeviceBatch[], signal: AbortSignal) => {
    const receipts: Receipt[] = [];
    const queue = batches.values();
    const worker = async () => {
      for (const { deviceId, taskId, points } of queue) {
        const sender = await senderOf(deviceId);
        receipts.push(await sender.send({ taskId, points }, signal));
      }
    };
    await Promise.all(Array.from({ length: Math.min(DEVICES_AT_ONCE, batches.length) }, worker));
    return receipts;
  };
  return {
    // Twice a second keeps below the limit of three requests a second.
    tickMs: 500,
    report,
    close: () => {
      for (const sender of senders.values()) sender.close();
    },
  };
}
