import type { AccessRequest, Decision } from './types';

/**
 * A denial in AWS's words: who, what, on which resource, and which kind of policy is the reason.
 * Source: IAM, "Troubleshoot access denied error messages".
 */
export function denialMessage(
  { action, resource, principal }: AccessRequest,
  { reason }: Extract<Decision, { allowed: false }>,
): string {
  const on = resource === '*' ? '' : ` on resource: ${resource}`;
  const why = reason.startsWith('no ') ? `because ${reason} the ${action} action` : `with an ${reason}`;
  return `User: ${principal.arn} is not authorized to perform: ${action}${on} ${why}`;
}
