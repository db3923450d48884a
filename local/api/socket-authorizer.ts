import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { RequestAuthorizer } from './definition';

const oneOrMany = z.union([z.string().transform((value) => [value]), z.array(z.string())]);
const authorizerAnswer = z.looseObject({
  principalId: z.string(),
  policyDocument: z.looseObject({
    Statement: z.array(z.looseObject({ Effect: z.enum(['Allow', 'Deny']), Action: oneOrMany, Resource: oneOrMany })),
  }),
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
});

export type Policy = z.infer<typeof authorizerAnswer>['policyDocument'];

/** Quota "AWS Lambda authorizer result size". */
const resultBytes = 8 * 1024;

export type AuthorizerVerdict =
  | { ok: true; context: Record<string, string | number | boolean> }
  | { ok: false; status: 403 | 500 };

/** True when the handshake has every identity source; otherwise the gateway answers 401 and asks no function. */
export function hasIdentity(authorizer: RequestAuthorizer, incoming: IncomingMessage): boolean {
  const query = new URLSearchParams((incoming.url ?? '').split('?')[1] ?? '');
  return authorizer.identitySources.every((source) => {
    const [, where = '', name = ''] = /^route\.request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
    return Boolean(where === 'header' ? incoming.headers[name.toLowerCase()] : query.get(name));
  });
}

/** Reads an authorizer's answer: 403 unless its policy allows the method, 500 where it is no authorizer's answer. */
export function judge(answer: unknown, methodArn: string): AuthorizerVerdict {
  const parsed = authorizerAnswer.safeParse(answer);
  if (!parsed.success || JSON.stringify(answer).length > resultBytes) return { ok: false, status: 500 };
  const { policyDocument, principalId, context } = parsed.data;
  if (!allows(policyDocument, methodArn)) return { ok: false, status: 403 };
  return { ok: true, context: { ...context, principalId } };
}

/** IAM's rule: an explicit deny wins, and what nothing allows is denied. */
export function allows(policy: Policy, methodArn: string): boolean {
  const effects = policy.Statement.filter(
    ({ Action, Resource }) =>
      Action.some((pattern) => matches(pattern.toLowerCase(), 'execute-api:invoke')) &&
      Resource.some((pattern) => matches(pattern, methodArn)),
  ).map((statement) => statement.Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

/** `*` stands for any text and `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const literal = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text);
}
