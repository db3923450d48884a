import { lines } from './log';

/** Units that CloudWatch knows. */
type Unit = 'Count' | 'Milliseconds' | 'Bytes';

/**
 * Writes metrics in CloudWatch's embedded metric format: one line, no call.
 * Source: "Specification: Embedded metric format", CloudWatch user guide.
 * @param area the dimension: which area of the system
 */
export function putMetrics(area: string, values: Record<string, number>, unit: Unit = 'Count', now = Date.now()): void {
  const names = Object.keys(values);
  if (names.length === 0) return;
  const metrics = names.map((name) => ({ Name: name, Unit: unit }));
  lines.log(
    JSON.stringify({
      _aws: {
        Timestamp: now,
        CloudWatchMetrics: [{ Namespace: 'Waystream', Dimensions: [['area']], Metrics: metrics }],
      },
      area,
      ...values,
    }),
  );
}
