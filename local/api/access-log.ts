import { logUnits } from '../billing';
import type { ApiDefinition } from './definition';
import { claimText } from './jwt';
import type { GatewayDeps } from './types';

/** Values of `$context` variables by their names without the prefix: `identity.sourceIp`. */
export type LogContext = Record<string, string | number | undefined>;

/**
 * Writes a stage's access log in its format; a variable without a value is `-`, as in AWS.
 * Values are escaped, so that a client's header can't forge a field or a line. No variable holds a token or a query.
 */
export function accessLog(
  definition: ApiDefinition,
  { log, meter }: Pick<GatewayDeps, 'log' | 'meter'>,
  part: string,
): (context: LogContext) => void {
  const format = definition.accessLog;
  if (format === undefined) return () => {};
  return (context) => {
    const line = accessLogLine(format, context);
    meter?.add({ service: 'logs', action: 'PutLogEvents', function: part, units: logUnits([line]) });
    log(part, line);
  };
}

export function accessLogLine(format: string, context: LogContext): string {
  const line = format.replaceAll(/\$context\.([A-Za-z0-9_:]+(?:\.[A-Za-z0-9_:]+)*)/g, (_, name: string) => {
    const value = context[name];
    return value === undefined ? '-' : JSON.stringify(claimText(value)).slice(1, -1);
  });
  return line.replaceAll(/\s*\n\s*/g, ' ');
}
