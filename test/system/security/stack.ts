import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type CryptoKey, decodeJwt, decodeProtectedHeader, importPKCS8, type JWTPayload, SignJWT } from 'jose';
import { z } from 'zod';
import { StackClient, startedStack } from '../stack';

export const STACK = 'security';
const data = () => join(z.string().parse(process.env.WAYSTREAM_TEST_DIR), 'security-data');

/** A stack that keeps its signing key where a test can read it: so that tokens can be wrong in one thing only. */
export const secured = async (): Promise<StackClient> =>
  new StackClient(await startedStack(STACK, ['--search', 'none', '--data', data()]));

export interface Signer {
  key: CryptoKey;
  kid: string;
  claims: JWTPayload;
}

/** The stack's own key, and the claims of one of its tokens. */
export async function signerOf(client: StackClient, sub: string): Promise<Signer> {
  const token = await client.token(sub, 'operator');
  const key = await importPKCS8(readFileSync(join(data(), 'issuer.pem'), 'utf8'), 'RS256');
  return { key, kid: decodeProtectedHeader(token).kid ?? '', claims: decodeJwt(token) };
}

/** A token like the stack's own, but for what is given. */
export const signed = (
  { key, kid, claims }: Signer,
  other: {
    claims?: JWTPayload;
    header?: { kid?: string | undefined; alg?: string };
    key?: CryptoKey | Uint8Array;
  } = {},
): Promise<string> => {
  const header = { alg: 'RS256', kid, ...other.header };
  const defined = Object.fromEntries(Object.entries(header).filter(([, value]) => value !== undefined));
  return new SignJWT({ ...claims, ...other.claims })
    .setProtectedHeader({ alg: header.alg, ...defined })
    .sign(other.key ?? key);
};

/** Makes a ticket one that expired a second ago: its item's time to live may come hours later. */
export async function expire(client: StackClient, ticket: string): Promise<void> {
  const dynamodb = new DynamoDBClient(client.asRoot);
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: TableNames.find((name) => /ticket/i.test(name)),
      Key: { ticket: { S: createHash('sha256').update(ticket).digest('hex') } },
      UpdateExpression: 'SET expires = :past',
      ConditionExpression: 'attribute_exists(ticket)',
      ExpressionAttributeValues: { ':past': { N: String(Math.floor(Date.now() / 1_000) - 1) } },
    }),
  );
  dynamodb.destroy();
}
