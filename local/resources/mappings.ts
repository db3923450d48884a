import { createHash } from 'node:crypto';
import type { LocalFunctions } from '../functions';
import { type Log, type Meter, type Resource, type Template, TemplateError } from '../model';
import type { Checkpoints } from '../streams/checkpoints';
import { tableSource } from '../streams/dynamodb';
import { kinesisSource } from '../streams/kinesis';
import { Mapping } from '../streams/mapping';
import type { Source, SourceOptions } from '../streams/source';
import { readAll } from '../template/known';
import { eventSourceMapping } from '../template/schemas';

export interface MappingSurroundings {
  template: Template;
  functions: LocalFunctions;
  checkpoints: Checkpoints;
  meter: Meter;
  log: Log;
  engine(name: 'dynamodb' | 'kinesis' | 's3'): string;
}

/** Every event source mapping of the template, not started yet. */
export function mappings(surroundings: MappingSurroundings): Mapping[] {
  const { template, functions, engine } = surroundings;
  return readAll(template, 'AWS::Lambda::EventSourceMapping', eventSourceMapping).map(({ resource, properties }) => {
    const { arn: functionArn, roleArn } = functions.configuration(properties.FunctionName);
    const source = sourceOf(properties.EventSourceArn, resource, roleArn, surroundings);
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
    });
  });
}

function sourceOf(arn: string, mapping: Resource, roleArn: string, { template, engine }: MappingSurroundings): Source {
  const region = arn.split(':')[3] ?? '';
  const options = (name: 'dynamodb' | 'kinesis'): SourceOptions => ({
    engine: () => engine(name),
    arn,
    region,
    roleArn,
  });
  const table = template.ofType('AWS::DynamoDB::Table').find(({ attributes }) => attributes.StreamArn === arn);
  if (table) return tableSource(options('dynamodb'), table.ref);
  const consumer = template.ofType('AWS::Kinesis::StreamConsumer').find(({ ref }) => ref === arn);
  const streamArn = consumer?.properties.StreamARN ?? arn;
  const stream = template.ofType('AWS::Kinesis::Stream').find(({ attributes }) => attributes.Arn === streamArn);
  if (stream) return kinesisSource(options('kinesis'), stream.ref, consumer !== undefined);
  throw new TemplateError(`${mapping.stack} ${mapping.logicalId}: EventSourceArn ${arn} is no stream of the template`);
}

/** A UUID that stays the same for a mapping, as its failure objects and checkpoints are found by it. */
function uuidOf(stack: string, logicalId: string): string {
  const hex = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
