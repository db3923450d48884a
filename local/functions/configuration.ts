import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Credentials, newCredentials } from '../front/keys';
import { type Resource, type Template, TemplateError } from '../model';
import type { Assembly } from '../template/assembly';
import { readAll } from '../template/known';
import { lambdaFunction } from '../template/schemas';

/** A function as the template describes it, ready to start. */
export interface FunctionConfiguration {
  /** physical name */
  name: string;
  logicalId: string;
  arn: string;
  roleArn: string;
  /** folder of the bundle, and `file.export` in it; the folder is absent for code that only AWS runs */
  folder: string | undefined;
  handler: string;
  runtime: string;
  memoryMb: number;
  timeoutMs: number;
  /** most requests at a time; more are throttled */
  concurrency: number;
  environment: Readonly<Record<string, string>>;
  /** it is in the template's network */
  networked: boolean;
  /** Lambda writes lines of its own about each invocation */
  platformLogs: boolean;
  /** without the `:*` that its streams are found by */
  logGroupArn: string;
  /** of the session of its role that its calls carry */
  credentials: Credentials;
}

/** Requests at a time of a function without a reservation. Source: Lambda quotas, "Concurrent executions". */
const accountConcurrency = 1_000;

/**
 * Every function of the template.
 * @param frontUrl the AWS endpoint that functions call
 */
export function functionConfigurations(
  template: Template,
  assets: Assembly['assets'],
  frontUrl: string,
): FunctionConfiguration[] {
  return readAll(template, 'AWS::Lambda::Function', lambdaFunction).map(({ resource, properties }) => {
    const credentials = newCredentials();
    return {
      name: resource.ref,
      logicalId: resource.logicalId,
      arn: String(resource.attributes.Arn),
      roleArn: properties.Role,
      folder: properties.Code.S3Key === undefined ? undefined : assets.get(properties.Code.S3Key),
      handler: properties.Handler ?? 'index.handler',
      runtime: properties.Runtime ?? '',
      memoryMb: properties.MemorySize,
      timeoutMs: properties.Timeout * 1000,
      concurrency: properties.ReservedConcurrentExecutions ?? accountConcurrency,
      networked: properties.VpcConfig !== undefined,
      platformLogs: properties.LoggingConfig?.SystemLogLevel !== 'WARN',
      logGroupArn: logGroupArn(resource, properties.LoggingConfig?.LogGroup),
      environment: {
        ...localAddresses(properties.Environment?.Variables ?? {}, frontUrl),
        ...runtimeVariables(resource.ref, properties.MemorySize, resource.attributes.Arn, credentials, frontUrl),
        AWS_LAMBDA_LOG_FORMAT: properties.LoggingConfig?.LogFormat ?? 'Text',
      },
      credentials,
    };
  });
}

/** File and export of the handler. @throws TemplateError for code that can't run here */
export function handlerOf(configuration: FunctionConfiguration): { file: string; name: string } {
  const [, module = '', name = ''] = /^(.+)\.([^.]+)$/.exec(configuration.handler) ?? [];
  const candidates = ['js', 'cjs'].map((extension) => join(configuration.folder ?? '', `${module}.${extension}`));
  const file = candidates.find((each) => existsSync(each));
  if (configuration.folder === undefined || !configuration.runtime.startsWith('nodejs') || !file) {
    throw new TemplateError(`${configuration.logicalId} (${configuration.runtime}) has no code that runs locally`);
  }
  return { file, name };
}

function logGroupArn({ ref, attributes }: Resource, name = `/aws/lambda/${ref}`): string {
  return String(attributes.Arn).replace(/:lambda:([^:]*):([^:]*):.*/, `:logs:$1:$2:log-group:${name}`);
}

function runtimeVariables(
  name: string,
  memoryMb: number,
  arn: unknown,
  credentials: Credentials,
  frontUrl: string,
): Record<string, string> {
  const region = String(arn).split(':')[3] ?? '';
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_ENDPOINT_URL: frontUrl,
    // The runtime is pinned by the template; what a laptop runs is no news for every cold start's log.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    TZ: 'UTC',
  };
}

/**
 * There is no TLS on loopback: `https:`, `wss:` and `rediss:` addresses of this machine become their plain forms,
 * and AWS's own host of the WebSocket API's management becomes the local AWS endpoint.
 */
export function localAddresses(variables: Record<string, string>, frontUrl: string): Record<string, string> {
  const plain = (value: string): string =>
    value
      .replace(/https:\/\/[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com/g, frontUrl)
      .replace(/\b(http|ws|redis)s(:\/\/(?:127\.0\.0\.1|localhost)\b)/g, '$1$2');
  return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, plain(value)]));
}
