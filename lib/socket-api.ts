import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat, CfnAccount } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnAuthorizer,
  type IWebSocketRouteAuthorizer,
  LogGroupLogDestination,
  WebSocketApi,
  WebSocketRoute,
  WebSocketStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { z } from 'zod';
import { acknowledge } from './acknowledge';
import type { Environment } from './environments';
import type { ServiceFunction } from './service-function';

/** One line an event; neither the query, which holds a ticket, nor any header, which may hold a token. */
const accessLogFormat = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  connectionId: '$context.connectionId',
  sourceIp: '$context.identity.sourceIp',
  event: '$context.eventType',
  route: '$context.routeKey',
  status: '$context.status',
  integrationMs: '$context.integrationLatency',
  error: '$context.error.message',
});

/** The WebSocket API: a message's `type` is its route. */
export class SocketApi extends Construct {
  readonly api: WebSocketApi;
  private readonly stage: WebSocketStage;

  constructor(scope: Construct, id: string, { environment }: { environment: Environment }) {
    super(scope, id);
    this.api = new WebSocketApi(this, 'Api', {
      description: `Waystream ${environment.name}`,
      routeSelectionExpression: '$request.body.type',
    });
    this.stage = this.addStage(environment);
    acknowledge(this, 'Who may connect is asked on $connect; a WebSocket API knows no authorizer elsewhere.', 'APIG4');
  }

  /** Where clients connect: `wss://…/live`. */
  get url(): string {
    return `${this.api.apiEndpoint}/${this.stage.stageName}`;
  }

  /** Who may connect is asked once, on connecting. */
  connectRoute(fn: ServiceFunction, authorizer: ServiceFunction): void {
    this.add(fn, '$connect', false, this.addAuthorizer(authorizer));
  }

  disconnectRoute(fn: ServiceFunction): void {
    this.add(fn, '$disconnect', false);
  }

  /** Routes whose answer goes back to the client without a call of the function's. */
  route(fn: ServiceFunction, ...types: string[]): void {
    for (const type of types) this.add(fn, type, true);
  }

  /** Lets a function post to open connections and close them. */
  grantPost<S extends z.ZodObject<{ SOCKET_ENDPOINT: z.ZodType }>>(fn: ServiceFunction, schema: S): void {
    const { api, stage } = this;
    const arn = Stack.of(this).formatArn({
      service: 'execute-api',
      resource: api.apiId,
      resourceName: stage.stageName,
    });
    fn.allowUnder(
      'A connection’s id exists only while it is open.',
      ['execute-api:ManageConnections'],
      `${arn}/POST/@connections/*`,
    );
    fn.setEnvironment(schema, { SOCKET_ENDPOINT: stage.callbackUrl });
  }

  private add(fn: ServiceFunction, key: string, answers: boolean, authorizer?: IWebSocketRouteAuthorizer): void {
    const integration = new WebSocketLambdaIntegration(`${fn.node.path.replaceAll('/', '')}${key}`, fn);
    new WebSocketRoute(this, key, {
      webSocketApi: this.api,
      routeKey: key,
      integration,
      returnResponse: answers,
      ...(authorizer && { authorizer }),
    });
  }

  /** A ticket or a token may carry the proof: no identity source is demanded, since all of them would have to be there. */
  private addAuthorizer(fn: ServiceFunction): IWebSocketRouteAuthorizer {
    const { partition, region } = Stack.of(this);
    const authorizer = new CfnAuthorizer(this, 'SignedIn', {
      apiId: this.api.apiId,
      name: 'SignedIn',
      authorizerType: 'REQUEST',
      authorizerUri: `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${fn.functionArn}/invocations`,
    });
    fn.addPermission('SignedIn', {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: this.api.apiId,
        resourceName: `authorizers/${authorizer.ref}`,
      }),
    });
    return { bind: () => ({ authorizerId: authorizer.ref, authorizationType: 'CUSTOM' }) };
  }

  private addStage(environment: Environment): WebSocketStage {
    const log = new LogGroup(this, 'AccessLog', {
      retention: environment.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { rate, burst } = environment.throttle.socket;
    const stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName: 'live',
      autoDeploy: true,
      throttle: { rateLimit: rate, burstLimit: burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(accessLogFormat),
      },
    });
    stage.node.addDependency(this.letGatewayLog());
    return stage;
  }

  /** A WebSocket API logs through a role that is set once an account and region: kept, since others lean on it too. */
  private letGatewayLog(): CfnAccount {
    const role = new Role(this, 'LogRole', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs')],
    });
    acknowledge(
      role,
      'The managed policy is the one that API Gateway’s account setting asks for.',
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    );
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return account;
  }
}
