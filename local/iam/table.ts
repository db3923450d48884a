import { z } from 'zod';

/** What `GET /_local/permissions` answers. */
export const permissionsSchema = z.object({
  grants: z.array(
    z.object({ role: z.string(), action: z.string(), resource: z.string(), uses: z.number() }).readonly(),
  ),
  denials: z.array(z.object({ role: z.string(), action: z.string(), times: z.number() })),
});

/** The account's and the region's part of an ARN says nothing on a laptop. */
const place = /^arn:[^:]*:([^:]*):[^:]*:[^:]*:/;

/** One line for each action on each resource that a role is granted, what was never used marked; then the denials. */
export function permissionLines({ grants, denials }: z.infer<typeof permissionsSchema>): string[] {
  const lines = grants.map(({ role, action, resource, uses }) => [
    role,
    action,
    resource.replace(place, '$1:'),
    uses === 0 ? 'never' : `${uses} times`,
  ]);
  const denied = denials.map(({ role, action, times }) => [role, action, 'denied', `${times} times`]);
  return aligned([['role', 'action', 'resource', 'used'], ...lines, ...denied]);
}

function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
