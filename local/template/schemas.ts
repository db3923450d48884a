import { z } from 'zod';

/**
 * The resource types that the local stack acts on, property by property. A property that is not here is an error:
 * ignoring it would be a difference to AWS that nobody sees. `quiet` marks those whose effect a laptop can't show
 * (tags, encryption at rest, tracing), which are accepted with any value.
 */
const text = z.string();
const texts = z.array(text);
// CloudFormation takes numbers and booleans as texts too.
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]);
const count = z.coerce.number();
const quiet = z.unknown().optional();

export const lambdaFunction = z.strictObject({
  Architectures: quiet,
  Code: z.strictObject({ S3Bucket: text.optional(), S3Key: text.optional(), ZipFile: text.optional() }),
  Description: quiet,
  Environment: z.strictObject({ Variables: z.record(text, text).default({}) }).optional(),
  EphemeralStorage: quiet,
  FunctionName: text.optional(),
  Handler: text.optional(),
  KmsKeyArn: quiet,
  Layers: quiet,
  LoggingConfig: z
    .strictObject({
      // Levels of a finer kind would have to leave lines out.
      ApplicationLogLevel: z.literal('INFO').optional(),
      LogFormat: z.enum(['Text', 'JSON']).default('Text'),
      LogGroup: text.optional(),
      SystemLogLevel: z.enum(['DEBUG', 'INFO', 'WARN']).default('INFO'),
    })
    .optional(),
  MemorySize: count.default(128),
  RecursiveLoop: quiet,
  ReservedConcurrentExecutions: count.optional(),
  Role: text,
  Runtime: text.optional(),
  RuntimeManagementConfig: quiet,
  Tags: quiet,
  Timeout: count.default(3),
  TracingConfig: quiet,
  VpcConfig: z.strictObject({ Ipv6AllowedForDualStack: quiet, SecurityGroupIds: quiet, SubnetIds: quiet }).optional(),
});

const destination = z.strictObject({ Destination: text });

export const eventInvokeConfig = z.strictObject({
  FunctionName: text,
  Qualifier: text,
  MaximumEventAgeInSeconds: count.default(21_600),
  MaximumRetryAttempts: count.default(2),
  DestinationConfig: z.strictObject({ OnFailure: destination.optional() }).optional(),
});

export const eventSourceMapping = z.strictObject({
  BatchSize: count.default(100),
  BisectBatchOnFunctionError: flag.default(false),
  DestinationConfig: z.strictObject({ OnFailure: destination.optional() }).optional(),
  Enabled: flag.default(true),
  EventSourceArn: text,
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: text })) }).optional(),
  FunctionName: text,
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  MaximumBatchingWindowInSeconds: count.default(0),
  MaximumRecordAgeInSeconds: count.default(-1),
  MaximumRetryAttempts: count.default(-1),
  MetricsConfig: quiet,
  ParallelizationFactor: count.min(1).max(10).default(1),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  Tags: quiet,
});
export type EventSourceMappingProperties = z.infer<typeof eventSourceMapping>;

const keySchema = z.array(z.strictObject({ AttributeName: text, KeyType: z.enum(['HASH', 'RANGE']) }));
const projection = z.strictObject({ ProjectionType: text, NonKeyAttributes: texts.optional() });
const globalIndex = z.strictObject({
  IndexName: text,
  KeySchema: keySchema,
  Projection: projection,
  ProvisionedThroughput: quiet,
  OnDemandThroughput: quiet,
  ContributorInsightsSpecification: quiet,
  WarmThroughput: quiet,
});

export const table = z.strictObject({
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: text, AttributeType: z.enum(['S', 'N', 'B']) })),
  BillingMode: quiet,
  ContributorInsightsSpecification: quiet,
  DeletionProtectionEnabled: quiet,
  GlobalSecondaryIndexes: z.array(globalIndex).optional(),
  KeySchema: keySchema,
  LocalSecondaryIndexes: z
    .array(z.strictObject({ IndexName: text, KeySchema: keySchema, Projection: projection }))
    .optional(),
  OnDemandThroughput: quiet,
  PointInTimeRecoverySpecification: quiet,
  ProvisionedThroughput: quiet,
  ResourcePolicy: quiet,
  SSESpecification: quiet,
  StreamSpecification: z.strictObject({ StreamViewType: text, ResourcePolicy: quiet }).optional(),
  TableClass: quiet,
  TableName: text.optional(),
  Tags: quiet,
  TimeToLiveSpecification: z.strictObject({ AttributeName: text, Enabled: flag }).optional(),
  WarmThroughput: quiet,
});

export const stream = z.strictObject({
  DesiredShardLevelMetrics: quiet,
  MaxRecordSizeInKiB: quiet,
  Name: text.optional(),
  RetentionPeriodHours: count.default(24),
  ShardCount: count.optional(),
  StreamEncryption: quiet,
  StreamModeDetails: z.strictObject({ StreamMode: z.enum(['ON_DEMAND', 'PROVISIONED']) }).optional(),
  Tags: quiet,
});

export const streamConsumer = z.strictObject({ ConsumerName: text, StreamARN: text, Tags: quiet });

export const bucket = z.strictObject({
  AccessControl: quiet,
  BucketEncryption: quiet,
  BucketName: text.optional(),
  CorsConfiguration: quiet,
  // Expiry and tiers play out over days: a local bucket keeps its objects as long as it lives.
  LifecycleConfiguration: quiet,
  LoggingConfiguration: quiet,
  MetricsConfigurations: quiet,
  NotificationConfiguration: z
    .strictObject({ EventBridgeConfiguration: z.strictObject({ EventBridgeEnabled: flag.default(true) }) })
    .optional(),
  ObjectLockEnabled: quiet,
  OwnershipControls: quiet,
  PublicAccessBlockConfiguration: quiet,
  Tags: quiet,
  VersioningConfiguration: quiet,
});

export const cacheUser = z.strictObject({
  AccessString: text,
  AuthenticationMode: quiet,
  Engine: quiet,
  NoPasswordRequired: quiet,
  Passwords: quiet,
  Tags: quiet,
  UserId: text,
  UserName: text,
});

export const secret = z.strictObject({
  Description: quiet,
  GenerateSecretString: z
    .strictObject({
      ExcludeCharacters: text.optional(),
      ExcludeLowercase: quiet,
      ExcludeNumbers: quiet,
      ExcludePunctuation: quiet,
      ExcludeUppercase: quiet,
      GenerateStringKey: text.optional(),
      IncludeSpace: quiet,
      PasswordLength: count.default(32),
      RequireEachIncludedType: quiet,
      SecretStringTemplate: text.optional(),
    })
    .optional(),
  KmsKeyId: quiet,
  Name: text.optional(),
  SecretString: text.optional(),
  Tags: quiet,
});

export const eventRule = z.strictObject({
  Description: quiet,
  EventPattern: z.record(text, z.unknown()).optional(),
  Name: text.optional(),
  RoleArn: quiet,
  ScheduleExpression: text.optional(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Tags: quiet,
  Targets: z.array(z.strictObject({ Arn: text, Id: text, Input: text.optional(), RetryPolicy: quiet })).default([]),
});

export const schedule = z.strictObject({
  Description: quiet,
  EndDate: quiet,
  FlexibleTimeWindow: z.strictObject({ Mode: text, MaximumWindowInMinutes: quiet }),
  GroupName: quiet,
  KmsKeyArn: quiet,
  Name: text.optional(),
  ScheduleExpression: text,
  ScheduleExpressionTimezone: z.enum(['UTC', 'Etc/UTC']).optional(),
  StartDate: quiet,
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Target: z.strictObject({ Arn: text, RoleArn: quiet, Input: text.optional(), RetryPolicy: quiet }),
});
