import { z } from 'zod';
import { objectOf } from '../../local/template/json';
import { readTemplate, stackNames } from './assembly';
import type { Cloud } from './cloud';

const names = z.array(z.string()).default([]);

/** Lists of what is in the account, service by service, each as that service tells it. */
const lists: Readonly<Record<string, (cloud: Cloud) => Promise<string[]>>> = {
  stack: (cloud) => fromXml(cloud, 'cloudformation', '/?Action=DescribeStacks&Version=2010-05-15', 'StackName'),
  role: (cloud) => fromXml(cloud, 'iam', '/?Action=ListRoles&Version=2010-05-08', 'RoleName'),
  network: (cloud) => fromXml(cloud, 'ec2', '/?Action=DescribeVpcs&Version=2016-11-15', 'vpcId'),
  alarm: (cloud) => fromXml(cloud, 'monitoring', '/?Action=DescribeAlarms&Version=2010-08-01', 'AlarmName'),
  bucket: (cloud) => fromXml(cloud, 's3', '/', 'Name'),
  table: async (cloud) =>
    z.object({ TableNames: names }).parse(await cloud.json('dynamodb', 'DynamoDB_20120810.ListTables', {})).TableNames,
  stream: async (cloud) =>
    z.object({ StreamNames: names }).parse(await cloud.json('kinesis', 'Kinesis_20131202.ListStreams', {})).StreamNames,
  'user pool': async (cloud) => {
    const target = 'AWSCognitoIdentityProviderService.ListUserPools';
    const told = await cloud.json('cognito-idp', target, { MaxResults: 60 });
    return z
      .object({ UserPools: z.array(z.object({ Id: z.string() })) })
      .parse(told)
      .UserPools.map(({ Id }) => Id);
  },
  function: async (cloud) => {
    const told = JSON.parse(await cloud.rest('lambda', 'GET', '/2015-03-31/functions'));
    const { Functions } = z.object({ Functions: z.array(z.object({ FunctionName: z.string() })) }).parse(told);
    return Functions.map(({ FunctionName }) => FunctionName);
  },
  API: async (cloud) => {
    const told = JSON.parse(await cloud.rest('apigateway', 'GET', '/v2/apis'));
    return z
      .object({ items: z.array(z.object({ apiId: z.string() })) })
      .parse(told)
      .items.map(({ apiId }) => apiId);
  },
};

async function fromXml(cloud: Cloud, service: string, path: string, element: string): Promise<string[]> {
  const text = await cloud.rest(service, 'GET', path);
  const found = text.matchAll(new RegExp(`<${element}>([^<]+)</${element}>`, 'g'));
  return [...found].map(([, name]) => name ?? '');
}

/** All that is in the account of the kinds that the app is made of: `table waystream-…`. */
export async function inventory(cloud: Cloud): Promise<Set<string>> {
  const found = new Set<string>();
  for (const [kind, list] of Object.entries(lists)) {
    for (const name of await list(cloud)) found.add(`${kind} ${name}`);
  }
  return found;
}

const bucketSchema = z.object({
  Type: z.literal('AWS::S3::Bucket'),
  Properties: z.object({ Tags: z.array(z.object({ Key: z.string(), Value: z.string() })) }),
});

/**
 * Gives the buckets the tags that their templates name, which ministack forgets: without its tag a bucket is not
 * emptied when its stack goes.
 */
export async function tagBuckets(cloud: Cloud, assembly: string): Promise<void> {
  for (const stack of stackNames(assembly)) {
    const resources = Object.values(objectOf(readTemplate(assembly, stack).Resources, 'Resources'));
    const tags = resources.flatMap((resource) => bucketSchema.safeParse(resource).data?.Properties.Tags ?? []);
    const different = new Map(tags.map(({ Key, Value }) => [Key, Value]));
    const set = [...different].map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join('');
    const buckets = (await fromXml(cloud, 's3', '/', 'Name')).filter((name) => name.startsWith(stack.toLowerCase()));
    for (const bucket of buckets) {
      await cloud.rest('s3', 'PUT', `/${bucket}?tagging=`, `<Tagging><TagSet>${set}</TagSet></Tagging>`);
    }
  }
}
