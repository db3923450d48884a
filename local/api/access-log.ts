import type { Log } from '../model';
import type { ApiDefinition } from './definition';
import { claimText } from './jwt';

/** Values of `$context` variables by their names without the prefix: `identity.sourceIp`. */
export type LogContext = Record<string, string | number | undefined>;

/**
 * Writes a stage's access log in its format; a variable without a value is `-`, as in AWS.
 * Values are escaped, so that a client's header can't forge a field or a line. No variable holds a token or a query.
 */
export function accessLog(definition: ApiDefinition, log: Log, part: string): (context: LogContext) => void {
  const format = definition.accessLog;
  if (format === undefined) return () => {};
  return (context) => log(part, accessLogLine(format, context));
}

export function accessLogLine(format: string, context: LogContext): string {
  const line = format.replaceAll(/\$context\.([A-Za-z0-9_:]+(?:\.[A-Za-z0-9_:]+)*)/g, (_, name: string) => {
    const value = context[name];
    return value === undefined ? '-' : JSON.stringify(claimText(value)).slice(1, -1);
  });
  return line.replaceAll(/\s*\n\s*/g, ' ');
}
