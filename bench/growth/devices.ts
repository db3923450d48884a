import type { MeterLine } from '../../local/model';
import type { StackClient } from '../../test/system/stack';
import { total } from '../cost/hops';
import { measure } from '../cost/run';
import { type Series, toSeries } from './fit';

const INTERVAL_MS = 2_000;

const sum = (lines: readonly MeterLine[], service: string, unit: string, action?: string): number =>
  total(lines, unit, (line) => line.service === service && (action === undefined || line.action === action));

/** Units that one, two, four, eight times the devices use in the same time. @param base devices of the first */
export async function growByDevices(client: StackClient, base: number, seconds: number): Promise<Series[]> {
  const counted = [];
  for (const size of [1, 2, 4, 8]) {
    console.error(`… ${base * size} devices`);
    const options = { devices: base * size, intervalMs: INTERVAL_MS, pointsPerRequest: 1, seconds, viewers: 0 };
    const { lines, valkey, positions } = await measure(client, options, `grow${size}`);
    const counts = {
      'positions accepted': positions,
      'HTTP requests billed': sum(lines, 'apigateway', 'requests'),
      'kilobytes put to the stream': sum(lines, 'kinesis', 'kilobytes', 'PutRecords'),
      'write units': sum(lines, 'dynamodb', 'writeUnits'),
      'Valkey commands': valkey.commands,
      'bytes of logs': sum(lines, 'logs', 'bytes'),
      'documents sent to the index': sum(lines, 'es', 'documents'),
      'CPU of functions (ms)': sum(lines, 'lambda', 'cpuMs'),
    };
    counted.push({ size, counts });
  }
  return toSeries(counted);
}
