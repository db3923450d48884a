import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { z } from 'zod';
import { acknowledgeWildcard } from './acknowledge';
import type { Environment } from './environments';
import type { Network } from './network';

/** Set by the Lambda runtime itself; a template may not set them. */
const runtimeVariables = new Set(['AWS_REGION']);

export interface ServiceFunctionProps {
  environment: Environment;
  /** The handler's place in `lambdas/`: `area/on-event`. */
  entry: string;
  /** The environment that the handler reads when it starts: all of it must be set when the template is made. */
  reads: z.ZodObject;
  description: string;
  memoryMb: number;
  timeoutSeconds: number;
}

/**
 * A function of the service: pinned runtime, its own role with nothing but its log in it, and an environment that is
 * typed by the schema its handler parses. Owners of resources grant themselves to it.
 */
export class ServiceFunction extends LambdaFunction {
  readonly entry: string;
  private readonly reads: z.ZodObject;
  private readonly permissions: Role;
  private readonly variables = new Map<string, string>();

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    const { environment, entry } = props;
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: environment.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const reserved = environment.reservedConcurrency[entry];
    super(scope, id, {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(bundleOf(scope, entry)),
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      environment: { NODE_OPTIONS: '--enable-source-maps' },
      role,
      logGroup,
      // Lambda's own lines about each invocation would be more than half of all logs, and tell what its metrics tell.
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
    });
    this.entry = entry;
    this.reads = props.reads;
    this.permissions = role;
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
    this.node.addValidation({ validate: () => this.findWrongVariables() });
  }

  /** The function as the template has it. */
  get template(): CfnFunction {
    const { defaultChild } = this.node;
    if (defaultChild instanceof CfnFunction) return defaultChild;
    throw new Error(`${this.entry} has no resource of its own.`);
  }

  /** Adds a permission for exactly these actions on exactly these resources. */
  allow(actions: readonly string[], ...resources: string[]): void {
    this.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources }));
  }

  /** As `allow`, on resources that end in a wildcard. @param reason why they can't be named one by one */
  allowUnder(reason: string, actions: readonly string[], ...resources: string[]): void {
    this.allow(actions, ...resources);
    for (const resource of resources) acknowledgeWildcard(this.permissions, resource, reason);
  }

  /** Sets variables that the schema names; which of them are still missing is checked when the template is made. */
  setEnvironment<S extends z.ZodObject>(_: S, values: { [K in keyof z.input<S>]?: string }): void {
    for (const [name, value] of Object.entries(values)) {
      if (typeof value !== 'string') continue;
      this.variables.set(name, value);
      this.addEnvironment(name, value);
    }
  }

  /** Places the function in the private subnets, with the permission to have its network interfaces there. */
  join(network: Network): void {
    // The L2 construct takes a network only on construction; here the grant of what needs one brings it along.
    this.template.vpcConfig = network.placement;
    network.grantInterfaces(this);
  }

  private findWrongVariables(): string[] {
    const known = Object.entries(this.reads.shape);
    const missing = known
      .filter(([name, type]) => !this.variables.has(name) && !runtimeVariables.has(name) && !isOptional(type))
      .map(([name]) => `${this.entry}: ${name} is read by its handler and not set`);
    const problems = [...this.variables].flatMap(([name, value]) => this.problemOf(name, value));
    return [...missing, ...problems];
  }

  private problemOf(name: string, value: string): string[] {
    const type = this.reads.shape[name];
    if (type === undefined) return [`${this.entry}: ${name} is set and not read by its handler`];
    if (Token.isUnresolved(value)) return [];
    const parsed = z.safeParse(type, value);
    return parsed.success ? [] : [`${this.entry}: ${name}: ${parsed.error.issues.map((i) => i.message).join('; ')}`];
  }
}

const isOptional = (type: z.core.$ZodType): boolean => z.safeParse(type, undefined).success;

/** @throws Error that says how to make the bundle */
function bundleOf(scope: Construct, entry: string): string {
  const folder = join(String(scope.node.tryGetContext('bundles') ?? 'dist/lambdas'), entry);
  if (existsSync(join(folder, 'index.js'))) return folder;
  throw new Error(`The bundle of lambdas/${entry}.ts is missing at ${folder}: run \`npm run bundle\` first.`);
}
