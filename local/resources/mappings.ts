import { createHash } from 'node:crypto';
import type { LocalFunctions } from '../functions';
import type { FunctionConfiguration } from '../functions/configuration';
import type { May } from '../functions/duties';
import { type Log, type Meter, type Resource, type Template, TemplateError } from '../model';
import type { Bells } from '../streams/bell';
import type { Checkpoints } from '../streams/checkpoints';
import { tableSource } from '../streams/dynamodb';
import { heldUp } from '../streams/held-up';
import { kinesisSource } from '../streams/kinesis';
import { Mapping } from '../streams/mapping';
import { kinesisNeeds, permitted, tableNeeds } from '../streams/permitted';
import type { Source, SourceOptions } from '../streams/source';
import { readAll } from '../template/known';
import { eventSourceMapping } from '../template/schemas';

export interface MappingSurroundings {
  template: Template;
  functions: LocalFunctions;
  checkpoints: Checkpoints;
  meter: Meter;
  log: Log;
  bells: Bells;
  engine(name: 'dynamodb' | 'kinesis' | 's3'): string;
  /** what the functions' roles allow */
  may: May;
  /** holds a poll of an engine up while a fault is set */
  hold(name: 'dynamodb' | 'kinesis', signal: AbortSignal): Promise<void>;
}

/** Every event source mapping of the template, not started yet. */
export function mappings(surroundings: MappingSurroundings): Mapping[] {
  const { template, functions, engine } = surroundings;
  return readAll(template, 'AWS::Lambda::EventSourceMapping', eventSourceMapping).map(({ resource, properties }) => {
    const configuration = functions.configuration(properties.FunctionName);
    const { arn: functionArn, logicalId } = configuration;
    const source = sourceOf(properties.EventSourceArn, resource, configuration, surroundings);
    const { checkpoints, meter, log } = surroundings;
    const uuid = uuidOf(resource.stack, resource.logicalId);
    const name = resource.logicalId;
    return new Mapping({
      name,
      uuid,
      functionArn,
      properties,
      source,
      functions,
      checkpoints,
      meter,
      log,
      store: () => engine('s3'),
      mayKeep: ({ bucket, key }) =>
        surroundings.may(logicalId, 's3:PutObject', `arn:aws:s3:::${bucket}/${key}`) &&
        surroundings.may(logicalId, 's3:ListBucket', `arn:aws:s3:::${bucket}`),
    });
  });
}

function sourceOf(
  arn: string,
  mapping: Resource,
  { logicalId, roleArn }: FunctionConfiguration,
  surroundings: MappingSurroundings,
): Source {
  const { template, engine, meter, hold } = surroundings;
  const may = (action: string, resource: string): boolean => surroundings.may(logicalId, action, resource);
  const region = arn.split(':')[3] ?? '';
  const options = (name: 'dynamodb' | 'kinesis', service: string, action: string): SourceOptions => ({
    engine: () => engine(name),
    arn,
    region,
    roleArn,
    consumed: (items, bytes) => meter.add({ service, action, function: mapping.logicalId, units: { items, bytes } }),
  });
  const table = template.ofType('AWS::DynamoDB::Table').find(({ attributes }) => attributes.StreamArn === arn);
  // Lambda's own reads of a table's stream cost nothing. Source: "Amazon DynamoDB pricing", DynamoDB Streams.
  if (table) {
    const source = tableSource(
      { ...options('dynamodb', 'dynamodbstreams', 'GetRecords'), bell: surroundings.bells.of('dynamodb', table.ref) },
      table.ref,
    );
    return permitted(
      heldUp(source, (signal) => hold('dynamodb', signal)),
      tableNeeds(arn),
      may,
    );
  }
  const consumer = template.ofType('AWS::Kinesis::StreamConsumer').find(({ ref }) => ref === arn);
  const streamArn = consumer?.properties.StreamARN ?? arn;
  const stream = template.ofType('AWS::Kinesis::Stream').find(({ attributes }) => attributes.Arn === streamArn);
  if (stream) {
    // A consumer with enhanced fan-out is billed by what it is pushed, at a price of its own.
    const action = consumer ? 'SubscribeToShard' : 'GetRecords';
    const source = kinesisSource(
      { ...options('kinesis', 'kinesis', action), bell: surroundings.bells.of('kinesis', stream.ref) },
      stream.ref,
      consumer !== undefined,
    );
    const needs = kinesisNeeds(String(streamArn), consumer && arn);
    return permitted(
      heldUp(source, (signal) => hold('kinesis', signal)),
      needs,
      may,
    );
  }
  throw new TemplateError(`${mapping.stack} ${mapping.logicalId}: EventSourceArn ${arn} is no stream of the template`);
}

/** A UUID that stays the same for a mapping, as its failure objects and checkpoints are found by it. */
function uuidOf(stack: string, logicalId: string): string {
  const hex = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
