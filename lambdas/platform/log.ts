import { Console } from 'node:console';

/**
 * Where lines go. Not the global console: Lambda's runtime wraps what goes through that, and CloudWatch would not find
 * the metrics in it. Source: Lambda developer guide, "Using Lambda advanced logging controls with Node.js".
 */
export const lines = new Console({ stdout: process.stdout, stderr: process.stderr });

/** One structured line. Failures only: metrics carry the rates, and no token, body or position is ever logged. */
export function logError(message: string, error: unknown, context: Record<string, string | number> = {}): void {
  const { name, message: detail, stack } = error instanceof Error ? error : new Error(String(error));
  const timestamp = new Date().toISOString();
  lines.error(JSON.stringify({ timestamp, level: 'ERROR', message, ...context, error: name, detail, stack }));
}
