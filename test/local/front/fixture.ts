import { Front } from '../../../local/front';
import { Guard } from '../../../local/front/guard';
import { sessionCaller } from '../../../local/front/keys';
import { Roles } from '../../../local/iam';
import { LocalMeter } from '../../../local/meter';
import type { Template } from '../../../local/model';
import { parseTemplate } from '../../../local/template/assembly';
import { loadTemplate } from '../../../local/template/load';

/** Statements of a role: those of its policy, and who may assume it beside Lambda. */
export interface RoleOf {
  allows: readonly object[];
  trusts?: readonly string[];
  longestSession?: number;
}

/** A template with these roles, by name, and whatever else. */
export function templateOf(roles: Record<string, RoleOf>, more: Record<string, unknown> = {}): Template {
  const Resources = Object.fromEntries(Object.entries(roles).map(([name, role]) => [name, resourceOf(name, role)]));
  const stack = { name: 'Test', region: undefined, template: parseTemplate({ Resources: { ...Resources, ...more } }) };
  const addresses = { front: 1, api: 2, valkey: { host: '127.0.0.1', port: 3 } };
  return loadTemplate({ stacks: [stack], assets: new Map() }, addresses);
}

/** An allowing statement. */
export const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});

function resourceOf(RoleName: string, { allows, trusts, longestSession }: RoleOf) {
  const Principal = trusts ? { AWS: trusts } : { Service: 'lambda.amazonaws.com' };
  const document = (Statement: readonly object[]) => ({ Version: '2012-10-17', Statement });
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName,
      AssumeRolePolicyDocument: document([{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }]),
      ...(allows.length > 0 && { Policies: [{ PolicyName: 'own', PolicyDocument: document(allows) }] }),
      ...(longestSession !== undefined && { MaxSessionDuration: longestSession }),
    },
  };
}

/** A table with a partition key `id`, a sort key `at`, and an index by `owner`. */
export const table = (TableName: string) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName,
    AttributeDefinitions: ['id', 'at', 'owner'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'id', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-owner',
        KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  },
});

export const arnOf = (role: string) => `arn:aws:iam::000000000000:role/${role}`;

/**
 * An endpoint without an engine behind it, where a role `issuer` may hand out sessions of a role `device`. That one is
 * wide on purpose: what is held is the session's own policy.
 * @param tables by logical id
 */
export async function startIssuing(tables: Record<string, object>) {
  const roles = {
    issuer: { allows: [allow('sts:AssumeRole', arnOf('device'))] },
    device: { allows: [allow('dynamodb:*')], trusts: [arnOf('issuer')] },
  };
  const template = templateOf(roles, tables);
  const front = new Front({ meter: new LocalMeter(), log: () => undefined, control: async () => false });
  await front.start();
  const credentials = { accessKeyId: 'ASIA0000000000000001', secretAccessKey: 'secret', sessionToken: 'token' };
  front.addCaller(sessionCaller('Issuer', 'f', 'AROA', { arn: arnOf('issuer'), issuedAt: 0 }), credentials);
  front.setGuard(new Guard(template, new Roles(template), () => undefined));
  return { front, credentials };
}

/** There is no engine behind the endpoint: who is let in learns that. */
export const letIn = { name: 'InternalServerError' };
export const denied = { name: 'AccessDeniedException', message: expect.stringContaining('no session policy allows') };
