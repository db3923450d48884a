/** One structured line. Failures only: metrics carry the rates, and no token, body or position is ever logged. */
export function logError(message: string, error: unknown, context: Record<string, string | number> = {}): void {
  const { name, message: detail, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(JSON.stringify({ level: 'ERROR', message, ...context, error: name, detail, stack }));
}
