import { z } from 'zod';
import { BadRequest, parseBody, type Refusal, toRefusals } from '../contract/errors';
import { idSchema } from '../contract/ids';
import { limits } from '../contract/limits';
import { type CoordinateSystem, coordinateSystemSchema } from '../contract/position';

/** One device's share of a report, points not yet looked at. */
export interface Share {
  device: string;
  task: string | undefined;
  points: unknown[];
  /** Where the points stand in the body. */
  pointer: string;
}

/** A report as far as it is the same for all its points. */
export interface Envelope {
  coordinateSystem: CoordinateSystem;
  shares: Share[];
  refused: Refusal[];
}

const shared = { coordinateSystem: coordinateSystemSchema.default('wgs84') };
const points = z.array(z.unknown()).min(1, 'there are no points here');

const deviceEnvelope = z.strictObject({ taskId: idSchema.optional(), ...shared, points });
const feederEnvelope = z.strictObject({ ...shared, devices: z.array(z.unknown()).min(1, 'there are no devices here') });
const feederEntry = z.strictObject({ deviceId: idSchema, taskId: idSchema.optional(), points });

function refuseTooMany(count: number, limit: number, pointer: string, code: string): void {
  if (count <= limit) return;
  const detail = `There are ${count}; a request has at most ${limit}. Send the rest in another one.`;
  throw new BadRequest(code, detail, { pointer });
}

/** @returns whether a body is a feeder's: it names devices */
export const isFeederReport = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, 'devices');

/** @throws BadRequest where the body is no report */
export function openDeviceReport(body: unknown, device: string): Envelope {
  const report = parseBody(deviceEnvelope, body);
  refuseTooMany(report.points.length, limits.pointsPerRequest, '/points', 'too_many_points');
  const share = { device, task: report.taskId, points: report.points, pointer: '/points' };
  return { coordinateSystem: report.coordinateSystem, shares: [share], refused: [] };
}

/** A feeder's devices are judged each alone. @throws BadRequest where the body is no report */
export function openFeederReport(body: unknown): Envelope {
  const report = parseBody(feederEnvelope, body);
  refuseTooMany(report.devices.length, limits.devicesPerRequest, '/devices', 'too_many_devices');
  const envelope: Envelope = { coordinateSystem: report.coordinateSystem, shares: [], refused: [] };
  const seen = new Set<string>();
  for (const [index, value] of report.devices.entries()) {
    const pointer = `/devices/${index}`;
    const entry = feederEntry.safeParse(value);
    if (!entry.success) {
      envelope.refused.push(...toRefusals(entry.error, pointer).slice(0, 1));
      continue;
    }
    const { deviceId, taskId } = entry.data;
    if (seen.has(`${deviceId}#${taskId}`)) {
      const detail = 'This device and task came before in this request: put their points together.';
      envelope.refused.push({ pointer: `${pointer}/deviceId`, code: 'duplicate_device', detail });
      continue;
    }
    seen.add(`${deviceId}#${taskId}`);
    envelope.shares.push({ device: deviceId, task: taskId, points: entry.data.points, pointer: `${pointer}/points` });
  }
  const total = envelope.shares.reduce((sum, share) => sum + share.points.length, 0);
  refuseTooMany(total, limits.pointsPerRequest, '/devices', 'too_many_points');
  return envelope;
}
