import { createHash } from 'node:crypto';
import { gatewayAttributes } from '../api/attributes';

/** What `Ref` and `Fn::GetAtt` give for a resource. */
export interface Identity {
  ref: string;
  attributes: Readonly<Record<string, unknown>>;
  /** the type has no local meaning: attributes that are not listed get a made-up value */
  open?: boolean;
}

/** Where the engines answer, as far as values in the template depend on it. */
export interface Addresses {
  /** port of the AWS endpoint; the search domain's requests go through it too */
  front: number;
  valkey: { host: string; port: number };
  /** port of the HTTP and WebSocket gateways */
  api: number;
}

export interface Owner extends Addresses {
  stack: string;
  region: string;
  accountId: string;
  partition: string;
}

type Describe = (name: string, owner: Owner, properties: Record<string, unknown>) => Identity;

/**
 * The identity of a resource: stable for its stack and logical id, so that data kept between runs is found again.
 * @param properties as in the template, with intrinsic functions resolved as far as names need it
 */
export function identify(type: string, logicalId: string, properties: Record<string, unknown>, owner: Owner): Identity {
  const gateway = gatewayAttributes(type, logicalId, properties, owner.api);
  if (gateway) return gateway;
  const describe = known[type];
  if (describe) return describe(nameOf(type, logicalId, properties, owner), owner, properties);
  return { ref: nameOf(type, logicalId, properties, owner), attributes: {}, open: true };
}

/** A made-up attribute of a resource without local meaning; the same each time. */
export function madeUp(ref: string, attribute: string): string {
  return /arn$/i.test(attribute) ? `arn:aws:local:::${ref}` : `${ref}-${attribute.replaceAll('.', '-')}`;
}

const nameProperties: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Kinesis::Stream': 'Name',
  'AWS::Kinesis::StreamConsumer': 'ConsumerName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::OpenSearchService::Domain': 'DomainName',
  'AWS::ElastiCache::ServerlessCache': 'ServerlessCacheName',
  'AWS::ElastiCache::User': 'UserId',
  'AWS::ElastiCache::UserGroup': 'UserGroupId',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Events::Rule': 'Name',
  'AWS::Scheduler::Schedule': 'Name',
  'AWS::Scheduler::ScheduleGroup': 'Name',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SNS::Topic': 'TopicName',
};

/** The name given, or one as CloudFormation makes them: stack, logical id, and a suffix; lower case and short. */
function nameOf(type: string, logicalId: string, properties: Record<string, unknown>, owner: Owner): string {
  const given = properties[nameProperties[type] ?? ''];
  if (typeof given === 'string') return given;
  const suffix = createHash('sha256').update(`${owner.stack}/${logicalId}`).digest('hex').slice(0, 8);
  if (type === 'AWS::S3::Bucket') return `${owner.stack}-${logicalId}`.toLowerCase().slice(0, 54).concat('-', suffix);
  return `${owner.stack}-${logicalId}`.slice(0, 54).concat('-', suffix);
}

function arn(owner: Owner, service: string, rest: string): string {
  return `arn:${owner.partition}:${service}:${owner.region}:${owner.accountId}:${rest}`;
}

const known: Readonly<Record<string, Describe>> = {
  'AWS::DynamoDB::Table': (ref, owner) => {
    const Arn = arn(owner, 'dynamodb', `table/${ref}`);
    return { ref, attributes: { Arn, StreamArn: `${Arn}/stream/2025-01-01T00:00:00.000` } };
  },
  'AWS::Kinesis::Stream': (ref, owner) => ({ ref, attributes: { Arn: arn(owner, 'kinesis', `stream/${ref}`) } }),
  'AWS::Kinesis::StreamConsumer': (name, _, { StreamARN }) => {
    const ConsumerARN = `${String(StreamARN)}/consumer/${name}:1735689600`;
    return { ref: ConsumerARN, attributes: { ConsumerARN, ConsumerName: name, StreamARN, ConsumerStatus: 'ACTIVE' } };
  },
  'AWS::S3::Bucket': (ref, owner) => ({
    ref,
    attributes: {
      Arn: `arn:${owner.partition}:s3:::${ref}`,
      DomainName: `${ref}.s3.amazonaws.com`,
      RegionalDomainName: `${ref}.s3.${owner.region}.amazonaws.com`,
    },
  }),
  'AWS::Lambda::Function': (ref, owner) => ({ ref, attributes: { Arn: arn(owner, 'lambda', `function:${ref}`) } }),
  'AWS::OpenSearchService::Domain': (ref, owner) => {
    const Arn = arn(owner, 'es', `domain/${ref}`);
    return { ref, attributes: { Arn, DomainArn: Arn, Id: ref, DomainEndpoint: `127.0.0.1:${owner.front}` } };
  },
  'AWS::ElastiCache::ServerlessCache': (ref, owner) => ({
    ref,
    attributes: {
      ARN: arn(owner, 'elasticache', `serverlesscache:${ref}`),
      'Endpoint.Address': owner.valkey.host,
      'Endpoint.Port': String(owner.valkey.port),
      'ReaderEndpoint.Address': owner.valkey.host,
      'ReaderEndpoint.Port': String(owner.valkey.port),
      FullEngineVersion: '8',
    },
  }),
  'AWS::ElastiCache::User': (ref, owner) => ({ ref, attributes: { Arn: arn(owner, 'elasticache', `user:${ref}`) } }),
  'AWS::ElastiCache::UserGroup': (ref, owner) => ({
    ref,
    attributes: { Arn: arn(owner, 'elasticache', `usergroup:${ref}`) },
  }),
  'AWS::SecretsManager::Secret': (name, owner) => {
    const Id = arn(owner, 'secretsmanager', `secret:${name}`);
    return { ref: Id, attributes: { Id } };
  },
  'AWS::IAM::Role': (ref, owner) => ({
    ref,
    attributes: { Arn: `arn:${owner.partition}:iam::${owner.accountId}:role/${ref}`, RoleId: `AROA${ref}` },
  }),
  'AWS::Logs::LogGroup': (ref, owner) => ({ ref, attributes: { Arn: arn(owner, 'logs', `log-group:${ref}:*`) } }),
  'AWS::SNS::Topic': (name, owner) => {
    const TopicArn = arn(owner, 'sns', name);
    return { ref: TopicArn, attributes: { TopicArn, TopicName: name } };
  },
  'AWS::Events::Rule': (ref, owner) => ({ ref, attributes: { Arn: arn(owner, 'events', `rule/${ref}`) } }),
  'AWS::Scheduler::Schedule': (ref, owner) => ({
    ref,
    attributes: { Arn: arn(owner, 'scheduler', `schedule/default/${ref}`) },
  }),
};
