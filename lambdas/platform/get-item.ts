import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { z } from 'zod';
import { Unavailable } from '../contract/errors';
import { defaultProvider } from './credentials';
import { readEnvironment } from './environment';
import { logError } from './log';

const regionEnv = z.object({
  AWS_REGION: z.string(),
  /** As the SDK's clients read them: where DynamoDB is, if not at its region's own address. */
  AWS_ENDPOINT_URL_DYNAMODB: z.url().optional(),
  AWS_ENDPOINT_URL: z.url().optional(),
});

/** Text, number and list attributes, which is all that is asked for. */
const valueSchema: z.ZodType<unknown> = z.union([
  z.object({ S: z.string() }).transform(({ S }) => S),
  z.object({ N: z.string() }).transform(({ N }) => Number(N)),
  z.object({ L: z.array(z.lazy(() => valueSchema)) }).transform(({ L }) => L),
]);
const answerSchema = z.object({ Item: z.record(z.string(), valueSchema).optional() });

/** An attempt is given up after so long (ms), and made a second time. */
const PATIENCE_MS = 1_500;
const ATTEMPTS = 2;

/**
 * Reads single items by key, strongly consistent. The SDK's client of DynamoDB would add 38 KB to a bundle that holds
 * Kinesis and Valkey already, for the sake of this one call. Source: DynamoDB API reference, GetItem; DynamoDB
 * developer guide, "DynamoDB low-level API".
 */
export class ItemReader {
  private readonly env = readEnvironment(regionEnv);
  private readonly url: URL;
  private readonly signer: SignatureV4;

  constructor(private readonly table: string) {
    const { AWS_REGION: region, AWS_ENDPOINT_URL_DYNAMODB: own, AWS_ENDPOINT_URL: all } = this.env;
    this.url = new URL(own ?? all ?? `https://dynamodb.${region}.amazonaws.com`);
    this.signer = new SignatureV4({ service: 'dynamodb', region, credentials: defaultProvider(), sha256: Sha256 });
  }

  /**
   * @returns the item's attributes, undefined where there is none
   * @throws Unavailable (`store_unavailable`) where the table can't be reached
   */
  async get(key: Readonly<Record<string, string>>): Promise<Record<string, unknown> | undefined> {
    const Key = Object.fromEntries(Object.entries(key).map(([name, text]) => [name, { S: text }]));
    const body = JSON.stringify({ TableName: this.table, Key, ConsistentRead: true });
    let failure: unknown;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return answerSchema.parse(await this.call(body)).Item;
      } catch (error) {
        failure = error;
      }
    }
    logError('an item could not be read', failure);
    throw new Unavailable('store_unavailable', 'A store that this needs does not answer. Try again in a moment.', 2);
  }

  private async call(body: string): Promise<unknown> {
    const signed = await this.signer.sign({
      method: 'POST',
      protocol: this.url.protocol,
      hostname: this.url.hostname,
      path: '/',
      headers: {
        host: this.url.host,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.GetItem',
      },
      body,
    });
    const { host: _, ...headers } = signed.headers;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(this.url, { method: 'POST', headers, body, signal });
    if (!response.ok) throw new Error(`GetItem was answered with ${response.status}`);
    return response.json();
  }
}
