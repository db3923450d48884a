import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { Functions, Template } from './model';
import { readAll } from './template/known';
import { eventSourceMapping } from './template/schemas';

/** Reads what `streams/failures.ts` writes, and what Lambda writes in AWS. */
const document = z.object({
  requestContext: z.object({ functionArn: z.string(), condition: z.string() }),
  timestamp: z.string(),
  payload: z.string(),
});
const payload = z.object({ Records: z.array(z.unknown()) });

export interface Failure {
  bucket: string;
  key: string;
  functionArn: string;
  condition: string;
  /** ISO 8601 */
  at: string;
  records: unknown[];
}

export interface Redriven {
  key: string;
  records: number;
  /** why records stay, empty when the object is done with and deleted */
  remaining: string[];
}

/** Objects that one listing goes through at most; a second run takes the next. */
const listLimit = 10_000;

/** What consumers gave up on, kept in the buckets that the template names as their on-failure destination. */
export class Failures {
  private readonly buckets: readonly string[];

  constructor(
    template: Template,
    private readonly functions: Functions,
    private readonly store: () => Promise<S3Client>,
  ) {
    const mappings = readAll(template, 'AWS::Lambda::EventSourceMapping', eventSourceMapping);
    const arns = mappings.map(({ properties }) => properties.DestinationConfig?.OnFailure?.Destination);
    this.buckets = [...new Set(arns.flatMap((arn) => arn?.split(':::')[1] ?? []))];
  }

  /** Every failure that is kept, oldest first. */
  async list(): Promise<Failure[]> {
    const failures: Failure[] = [];
    for (const bucket of this.buckets) {
      for (const key of await this.keys(bucket)) failures.push(await this.read(bucket, key));
    }
    return failures.sort((a, b) => a.at.localeCompare(b.at));
  }

  /** Submits each kept record to its function once more, alone. An object is deleted when all of its records passed. */
  async redrive(): Promise<Redriven[]> {
    const results: Redriven[] = [];
    for (const failure of await this.list()) {
      const remaining: string[] = [];
      for (const record of failure.records) {
        const reason = await this.submit(failure.functionArn, record);
        if (reason !== undefined) remaining.push(reason);
      }
      if (remaining.length === 0) await this.remove(failure);
      results.push({ key: failure.key, records: failure.records.length, remaining });
    }
    return results;
  }

  /** @returns why the record was not taken */
  private async submit(functionArn: string, record: unknown): Promise<string | undefined> {
    const result = await this.functions.invoke(functionArn, { Records: [record] });
    if (!result.ok) return `${result.error.errorType}: ${result.error.errorMessage}`;
    const failed = z.object({ batchItemFailures: z.array(z.unknown()).nonempty() }).safeParse(result.payload);
    return failed.success ? 'the function reports it as failed; its log says why' : undefined;
  }

  private async keys(bucket: string): Promise<string[]> {
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const client = await this.store();
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const more = ContinuationToken === undefined ? {} : { ContinuationToken };
      const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'aws/lambda/', ...more }));
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined && keys.length < listLimit);
    return keys;
  }

  private async read(bucket: string, key: string): Promise<Failure> {
    const { GetObjectCommand } = await import('@aws-sdk/client-s3');
    const object = await (await this.store()).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const {
      requestContext,
      timestamp,
      payload: text,
    } = document.parse(JSON.parse((await object.Body?.transformToString()) ?? ''));
    return { bucket, key, ...requestContext, at: timestamp, records: payload.parse(JSON.parse(text)).Records };
  }

  private async remove({ bucket, key }: Failure): Promise<void> {
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
    await (await this.store()).send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  }
}
