import type { z } from 'zod';

/**
 * Reads a function's environment by the schema that its construct set it from: once, when the function starts.
 * Nothing else reads `process.env`.
 * @throws Error naming each variable that is missing or wrong
 */
export function readEnvironment<T extends z.ZodType>(schema: T): z.infer<T> {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The function's environment is wrong. ${problems.join('; ')}`);
}
