import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small assembly with one of each kind of event source, and where its functions write what they see. */
export interface Fixture {
  folder: string;
  assembly: string;
  /** functions take poisoned records once this file exists */
  mended: string;
  seen: Record<'changes' | 'fan' | 'tick', string>;
}

/** Puts the records of a stream into the table; a poisoned one is reported as failed until the fault is mended. */
const writer = `
const { DynamoDBClient, PutItemCommand } = require(process.env.SDK);
const { existsSync } = require('node:fs');
const client = new DynamoDBClient({});
exports.handler = async ({ Records }) => {
  const batchItemFailures = [];
  for (const { kinesis } of Records) {
    const { id, poison, expires } = JSON.parse(Buffer.from(kinesis.data, 'base64'));
    if (poison && !existsSync(process.env.MENDED)) { batchItemFailures.push({ itemIdentifier: kinesis.sequenceNumber }); continue; }
    const Item = { id: { S: id }, ...(expires && { expires: { N: String(expires) } }) };
    await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item }));
  }
  return { batchItemFailures };
};`;

const recorder = `
const { appendFileSync } = require('node:fs');
exports.handler = async (event) => {
  for (const each of event.Records ?? [event]) appendFileSync(process.env.OUT, JSON.stringify(each) + '\\n');
};`;

export function makeFixture(): Fixture {
  const folder = mkdtempSync(join(tmpdir(), 'local-stack-'));
  const assembly = join(folder, 'assembly');
  const mended = join(folder, 'mended');
  const seen = { changes: join(folder, 'changes'), fan: join(folder, 'fan'), tick: join(folder, 'tick') };
  for (const [name, code] of [['writer', writer] as const, ['recorder', recorder] as const]) {
    mkdirSync(join(assembly, `asset.${name}`), { recursive: true });
    writeFileSync(join(assembly, `asset.${name}`, 'index.js'), code);
  }
  const sdk = require.resolve('@aws-sdk/client-dynamodb');
  write(assembly, 'manifest.json', manifest);
  write(assembly, 'fixture.assets.json', assets);
  write(assembly, 'fixture.template.json', template(sdk, mended, seen));
  return { folder, assembly, mended, seen };
}

function write(folder: string, name: string, content: unknown): void {
  writeFileSync(join(folder, name), JSON.stringify(content));
}

const manifest = {
  version: '48.0.0',
  artifacts: {
    'fixture.assets': { type: 'cdk:asset-manifest', properties: { file: 'fixture.assets.json' } },
    fixture: {
      type: 'aws:cloudformation:stack',
      environment: 'aws://unknown-account/unknown-region',
      properties: { templateFile: 'fixture.template.json' },
      dependencies: ['fixture.assets'],
    },
  },
};

const asset = (name: string) => ({
  source: { path: `asset.${name}`, packaging: 'zip' },
  destinations: { current: { bucketName: 'assets', objectKey: `${name}.zip` } },
});
const assets = { version: '48.0.0', files: { writer: asset('writer'), recorder: asset('recorder') } };

const getAtt = (id: string, attribute: string) => ({ 'Fn::GetAtt': [id, attribute] });

function lambda(name: string, Variables: Record<string, unknown>) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: getAtt('Role', 'Arn'),
      Timeout: 10,
      Environment: { Variables },
    },
  };
}

function mapping(EventSourceArn: unknown, fn: string, more: Record<string, unknown> = {}) {
  const Properties = { EventSourceArn, FunctionName: { Ref: fn }, StartingPosition: 'TRIM_HORIZON', ...more };
  return { Type: 'AWS::Lambda::EventSourceMapping', Properties };
}

/** One for all functions: to write, to read what the mappings read, to keep what is given up, and to log. */
const role = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
    },
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
    Policies: [
      {
        PolicyName: 'own',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            allow('dynamodb:PutItem', getAtt('Table', 'Arn')),
            allow(
              ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
              getAtt('Table', 'StreamArn'),
            ),
            allow(
              [
                'kinesis:DescribeStream',
                'kinesis:DescribeStreamSummary',
                'kinesis:GetRecords',
                'kinesis:GetShardIterator',
                'kinesis:ListShards',
              ],
              getAtt('Positions', 'Arn'),
            ),
            allow('kinesis:SubscribeToShard', { Ref: 'Consumer' }),
            allow('s3:PutObject', { 'Fn::Join': ['', [getAtt('Failed', 'Arn'), '/*']] }),
            allow('s3:ListBucket', getAtt('Failed', 'Arn')),
          ],
        },
      },
    ],
  },
};

function allow(Action: string | string[], Resource: unknown) {
  return { Effect: 'Allow', Action, Resource };
}

/** The gateways want one of each, though nothing here calls them. */
function api(id: string, ProtocolType: string, StageName: string) {
  const expression = ProtocolType === 'WEBSOCKET' && { RouteSelectionExpression: '$request.body.type' };
  return {
    [id]: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: id, ProtocolType, ...expression } },
    [`${id}Stage`]: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: id }, StageName, AutoDeploy: true },
    },
  };
}

function template(sdk: string, mended: string, seen: Fixture['seen']) {
  return {
    Resources: {
      ...api('Http', 'HTTP', '$default'),
      ...api('Socket', 'WEBSOCKET', 'live'),
      Role: role,
      Positions: { Type: 'AWS::Kinesis::Stream', Properties: { StreamModeDetails: { StreamMode: 'ON_DEMAND' } } },
      Consumer: {
        Type: 'AWS::Kinesis::StreamConsumer',
        Properties: { ConsumerName: 'fan', StreamARN: getAtt('Positions', 'Arn') },
      },
      Failed: { Type: 'AWS::S3::Bucket' },
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
          TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        },
      },
      Writer: lambda('writer', { SDK: sdk, TABLE: { Ref: 'Table' }, MENDED: mended }),
      Changes: lambda('recorder', { OUT: seen.changes }),
      Fan: lambda('recorder', { OUT: seen.fan }),
      Tick: lambda('recorder', { OUT: seen.tick }),
      WriterSource: mapping(getAtt('Positions', 'Arn'), 'Writer', {
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: getAtt('Failed', 'Arn') } },
      }),
      ChangesSource: mapping(getAtt('Table', 'StreamArn'), 'Changes'),
      FanSource: mapping({ Ref: 'Consumer' }, 'Fan', { StartingPosition: 'LATEST' }),
      Daily: {
        Type: 'AWS::Events::Rule',
        Properties: { ScheduleExpression: 'rate(1 day)', Targets: [{ Arn: getAtt('Tick', 'Arn'), Id: 'T' }] },
      },
    },
  };
}
