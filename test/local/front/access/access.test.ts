import type { Access, Facts } from '../../../../local/front/access';
import { dynamodbAccess } from '../../../../local/front/access/dynamodb';
import { kinesisAccess } from '../../../../local/front/access/kinesis';
import { s3Access } from '../../../../local/front/access/s3';

const facts: Facts = {
  arn: (service, rest) => `arn:aws:${service}:eu-central-1:000000000000:${rest}`,
  table: () => ({ partitionKey: 'id', indexes: new Map([['by-owner', 'owner']]) }),
  domain: undefined,
  socketApi: undefined,
};
const dynamodb = (operation: string, request: object): Access[] =>
  dynamodbAccess(operation, Buffer.from(JSON.stringify(request)), facts);
const named = (accesses: Access[]): string[] => accesses.map(({ action, resource }) => `${action} ${resource}`);
const keys = (access: Access | undefined, ...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, access?.keys?.(`dynamodb:${name}`)]));

const t = 'arn:aws:dynamodb:eu-central-1:000000000000:table/t';
const id = { S: 'me' };

test.each<[string, object, string[]]>([
  ['GetItem', { TableName: 't', Key: { id } }, [`dynamodb:GetItem ${t}`]],
  ['GetItem', { TableName: t, Key: { id } }, [`dynamodb:GetItem ${t}`]],
  ['Query', { TableName: 't', IndexName: 'by-owner' }, [`dynamodb:Query ${t}/index/by-owner`]],
  [
    'BatchGetItem',
    { RequestItems: { t: { Keys: [{ id }] }, u: { Keys: [] } } },
    [`dynamodb:BatchGetItem ${t}`, `dynamodb:BatchGetItem ${t.replace(/t$/, 'u')}`],
  ],
  ['BatchWriteItem', { RequestItems: { t: [{ DeleteRequest: { Key: { id } } }] } }, [`dynamodb:BatchWriteItem ${t}`]],
  [
    'TransactWriteItems',
    {
      TransactItems: [
        { Put: { TableName: 't' } },
        { Update: { TableName: 't' } },
        { Delete: { TableName: 't' } },
        { ConditionCheck: { TableName: 't' } },
      ],
    },
    ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'].map((action) => `dynamodb:${action} ${t}`),
  ],
  ['TransactGetItems', { TransactItems: [{ Get: { TableName: 't' } }] }, [`dynamodb:GetItem ${t}`]],
  [
    'ExecuteStatement',
    { Statement: 'SELECT * FROM "t"."by-owner" WHERE owner = ?' },
    [`dynamodb:PartiQLSelect ${t}/index/by-owner`],
  ],
  ['ExecuteStatement', { Statement: "select 'FROM x' from t" }, [`dynamodb:PartiQLSelect ${t}`]],
  [
    'BatchExecuteStatement',
    { Statements: [{ Statement: "INSERT INTO \"t\" VALUE {'id': 'a'}" }, { Statement: 'delete from t where id=?' }] },
    [`dynamodb:PartiQLInsert ${t}`, `dynamodb:PartiQLDelete ${t}`],
  ],
  [
    'ExecuteTransaction',
    {
      TransactStatements: [{ Statement: 'UPDATE "t" SET a=1' }, { Statement: 'EXISTS(SELECT * FROM "t" WHERE id=?)' }],
    },
    [`dynamodb:PartiQLUpdate ${t}`, `dynamodb:PartiQLSelect ${t}`],
  ],
  ['DescribeTable', { TableName: 't' }, [`dynamodb:DescribeTable ${t}`]],
  ['ListTables', {}, ['dynamodb:ListTables *']],
  ['DescribeStream', { StreamArn: `${t}/stream/1` }, [`dynamodb:DescribeStream ${t}/stream/1`]],
])('%s of %j needs %j', (operation, request, needed) => {
  expect(named(dynamodb(operation, request))).toEqual(needed);
});

test.each([
  ['CreateBackup', {}],
  ['TransactWriteItems', { TransactItems: [{ Drop: {} }] }],
  ['ExecuteStatement', { Statement: 'DROP TABLE t' }],
])('%s of %j is refused, not let through', (operation, request) => {
  expect(() => dynamodb(operation, request)).toThrow();
});

test('the partition keys and every attribute of an update are its condition keys', () => {
  const [access] = dynamodb('UpdateItem', {
    ...{ TableName: 't', Key: { id, at: { S: 'r1' } } },
    UpdateExpression: 'SET #p = if_not_exists(#p, :p)',
    ConditionExpression: 'attribute_exists(sealed)',
    ExpressionAttributeNames: { '#p': 'p15000' },
    ...{ ReturnValues: 'ALL_OLD', ReturnConsumedCapacity: 'TOTAL' },
  });
  expect(
    keys(access, 'leadingkeys', 'attributes', 'returnvalues', 'select', 'returnconsumedcapacity', 'enclosingoperation'),
  ).toEqual({
    leadingkeys: ['me'],
    attributes: ['id', 'at', 'p15000', 'sealed'],
    returnvalues: ['ALL_OLD'],
    select: undefined,
    returnconsumedcapacity: ['TOTAL'],
    enclosingoperation: undefined,
  });
});

test.each<[string, object, string[] | undefined]>([
  [
    'Query',
    {
      KeyConditionExpression: '#k = :k AND at > :a',
      ExpressionAttributeNames: { '#k': 'id' },
      ExpressionAttributeValues: { ':k': id },
    },
    ['me'],
  ],
  [
    'Query',
    { IndexName: 'by-owner', KeyConditionExpression: 'owner = :o', ExpressionAttributeValues: { ':o': { N: '7' } } },
    ['7'],
  ],
  ['Query', { KeyConditions: { id: { ComparisonOperator: 'EQ', AttributeValueList: [id] } } }, ['me']],
  ['PutItem', { Item: { id, a: { S: 'b' } } }, ['me']],
  ['Scan', {}, undefined],
])('the partition key of %s %j is %j', (operation, request, leadingkeys) => {
  expect(keys(dynamodb(operation, { TableName: 't', ...request })[0], 'leadingkeys')).toEqual({ leadingkeys });
});

test('a batch has the keys and attributes of all its items', () => {
  const RequestItems = {
    t: [{ PutRequest: { Item: { id, a: { S: '' } } } }, { DeleteRequest: { Key: { id: { S: 'you' } } } }],
  };
  expect(keys(dynamodb('BatchWriteItem', { RequestItems })[0], 'leadingkeys', 'attributes')).toEqual({
    leadingkeys: ['me', 'you'],
    attributes: ['id', 'a'],
  });
  const read = dynamodb('BatchGetItem', { RequestItems: { t: { Keys: [{ id }], ProjectionExpression: 'a, b' } } });
  expect(keys(read[0], 'attributes', 'select')).toEqual({
    attributes: ['a', 'b', 'id'],
    select: ['SPECIFIC_ATTRIBUTES'],
  });
});

test('the parts of a transaction say what encloses them', () => {
  const [access] = dynamodb('TransactWriteItems', { TransactItems: [{ Delete: { TableName: 't', Key: { id } } }] });
  expect(keys(access, 'enclosingoperation', 'leadingkeys')).toEqual({
    enclosingoperation: ['TransactWriteItems'],
    leadingkeys: ['me'],
  });
});

test.each([
  [{}, 'ALL_ATTRIBUTES'],
  [{ IndexName: 'by-owner' }, 'ALL_PROJECTED_ATTRIBUTES'],
  [{ ProjectionExpression: 'a' }, 'SPECIFIC_ATTRIBUTES'],
  [{ Select: 'COUNT' }, 'COUNT'],
])('a query with %j selects %s', (request, select) => {
  expect(keys(dynamodb('Query', { TableName: 't', ...request })[0], 'select')).toEqual({ select: [select] });
});

test('conditions on what a PartiQL statement names are an error', () => {
  const [access] = dynamodb('ExecuteStatement', { Statement: 'SELECT * FROM t' });
  expect(() => access?.keys?.('dynamodb:leadingkeys')).toThrow('dynamodb:leadingkeys');
});

const object = 'arn:aws:s3:::b/k/1 ä';
test.each<[string, string, Record<string, string>, string[]]>([
  ['GET', '/b/k/1%20%C3%A4', {}, [`s3:GetObject ${object}`]],
  ['HEAD', '/b/k/1%20%C3%A4?versionId=2', {}, [`s3:GetObjectVersion ${object}`]],
  ['PUT', '/b/k?x-id=PutObject', {}, ['s3:PutObject arn:aws:s3:::b/k']],
  [
    'PUT',
    '/b/k',
    { 'x-amz-copy-source': '/a/x%20y?versionId=1', 'x-amz-tagging': 'a=b' },
    ['s3:PutObject arn:aws:s3:::b/k', 's3:GetObject arn:aws:s3:::a/x y', 's3:PutObjectTagging arn:aws:s3:::b/k'],
  ],
  ['POST', '/b/k?uploads', {}, ['s3:PutObject arn:aws:s3:::b/k']],
  ['PUT', '/b/k?partNumber=1&uploadId=u', {}, ['s3:PutObject arn:aws:s3:::b/k']],
  ['DELETE', '/b/k?uploadId=u', {}, ['s3:AbortMultipartUpload arn:aws:s3:::b/k']],
  ['DELETE', '/b/k', {}, ['s3:DeleteObject arn:aws:s3:::b/k']],
  ['GET', '/b?list-type=2&prefix=p', {}, ['s3:ListBucket arn:aws:s3:::b']],
  ['HEAD', '/b', {}, ['s3:ListBucket arn:aws:s3:::b']],
  ['GET', '/', {}, ['s3:ListAllMyBuckets *']],
])('%s %s %j needs %j', (method, url, headers, needed) => {
  expect(named(s3Access(method, url, headers))).toEqual(needed);
});

test('a listing names its prefix; a deletion of many its objects; what is not known is refused', () => {
  expect(s3Access('GET', '/b?prefix=p%2F', {})[0]?.keys?.('s3:prefix')).toEqual(['p/']);
  const body = Buffer.from('<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>c</Key></Object></Delete>');
  expect(named(s3Access('POST', '/b?delete', {}, body))).toEqual(
    ['a&b', 'c'].map((key) => `s3:DeleteObject arn:aws:s3:::b/${key}`),
  );
  expect(() => s3Access('PUT', '/b?policy', {})).toThrow('PUT policy of a bucket');
});

test('a call to Kinesis names its stream by name or by ARN', () => {
  const needs = (operation: string, request: object) =>
    named(kinesisAccess(operation, Buffer.from(JSON.stringify(request)), facts));
  const arn = 'arn:aws:kinesis:eu-central-1:000000000000:stream/s';
  expect(needs('PutRecords', { StreamName: 's', Records: [] })).toEqual([`kinesis:PutRecords ${arn}`]);
  expect(needs('PutRecord', { StreamARN: arn })).toEqual([`kinesis:PutRecord ${arn}`]);
  expect(() => needs('GetRecords', { ShardIterator: 'i' })).toThrow('StreamARN');
  expect(() => needs('UpdateShardCount', { StreamName: 's' })).toThrow('UpdateShardCount');
});
