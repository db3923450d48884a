import { z } from 'zod';
import { list, type Model, type Resource } from './model';

/** Calls of one action prefix: `dynamodb`, and what of it. */
export interface Calls {
  service: string;
  /** Actions and resources as the function's policy grants them. */
  granted: { action: string; resource: string }[];
}

const statement = z.looseObject({ Effect: z.string(), Action: z.unknown(), Resource: z.unknown().optional() });
const document = z.looseObject({ Statement: z.union([z.array(statement), statement.transform((one) => [one])]) });
type Statement = z.infer<typeof statement>;

/** The statements of a policy document. */
export const statementsOf = (value: unknown): Statement[] => document.safeParse(value).data?.Statement ?? [];

/** Made by Lambda for the function, from outside its network. */
const byLambda = new Set(['logs', 'ec2', 'xray']);

/** What Lambda does for an event source mapping, by the role of the function. Source: Lambda, Kinesis and DynamoDB event sources. */
const byMapping = new Set([
  ...['DescribeStream', 'DescribeStreamConsumer', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator'].map(
    (action) => `kinesis:${action}`,
  ),
  ...['kinesis:ListShards', 'kinesis:SubscribeToShard'],
  ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) => `dynamodb:${action}`),
]);

/** Everything that a function's role lets it do. */
export function grantedTo(model: Model, fn: Resource): { action: string; resource: string }[] {
  const role = model.target(fn, fn.properties.Role);
  if (!role) return [];
  const attached = model
    .ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')
    .filter((policy) => model.targets(policy, policy.properties.Roles).some(({ id }) => id === role.id));
  const documents = [
    ...list(role.properties.Policies).map((policy) => ({ from: role, value: Object(policy).PolicyDocument })),
    ...attached.map((policy) => ({ from: policy, value: policy.properties.PolicyDocument })),
  ];
  return documents.flatMap(({ from, value }) =>
    statementsOf(value)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action, Resource: on }) =>
        list(Action).flatMap((action) =>
          list(on).map((resource) => ({ action: String(action), resource: model.text(from, resource) })),
        ),
      ),
  );
}

/** What a function calls over the network, by service, but for Valkey. */
export function callsOf(model: Model, fn: Resource): Calls[] {
  const mappings = model
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter((mapping) => model.target(mapping, mapping.properties.FunctionName)?.id === fn.id);
  const kept = mappings.flatMap((mapping) => failureBuckets(model, mapping));
  const byItself = grantedTo(model, fn).filter(({ action, resource }) => {
    if (byLambda.has(prefix(action)) || action === 'elasticache:Connect') return false;
    if (mappings.length === 0) return true;
    return !byMapping.has(action) && !(prefix(action) === 's3' && kept.some((bucket) => resource.startsWith(bucket)));
  });
  const services = [...new Set(byItself.map(({ action }) => prefix(action)))].sort();
  return services.map((service) => ({
    service,
    granted: byItself.filter(({ action }) => prefix(action) === service),
  }));
}

/** Where Lambda itself puts what a mapping gave up on. */
function failureBuckets(model: Model, mapping: Resource): string[] {
  return model.references(mapping, mapping.properties.DestinationConfig).map(({ id }) => `<${id}.`);
}

const prefix = (action: string): string => action.split(':')[0] ?? action;
