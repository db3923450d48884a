import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';

/** Calls give up early and try again twice: a stream or a phone retries what still fails. */
const patience = { maxAttempts: 3 };

export const dynamodb = (): DynamoDBClient => new DynamoDBClient(patience);
export const kinesis = (): KinesisClient => new KinesisClient(patience);
