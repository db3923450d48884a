import { z } from 'zod';
import type { Cloud } from './cloud';

const groupsSchema = z.object({ logGroups: z.array(z.object({ logGroupName: z.string() })) });
const eventsSchema = z.object({ events: z.array(z.object({ message: z.string() })) });

/** What functions wrote to their logs of errors, for who must find out why the check failed. */
export async function errorsLogged(cloud: Cloud): Promise<string[]> {
  const { logGroups } = groupsSchema.parse(await cloud.json('logs', 'Logs_20140328.DescribeLogGroups', {}));
  const lines: string[] = [];
  for (const { logGroupName } of logGroups) {
    const told = await cloud.json('logs', 'Logs_20140328.FilterLogEvents', { logGroupName });
    const errors = eventsSchema.parse(told).events.filter(({ message }) => /error/i.test(message));
    lines.push(...errors.slice(-10).map(({ message }) => `${logGroupName}: ${message.trimEnd()}`));
  }
  return lines;
}
