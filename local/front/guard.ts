import type { Roles } from '../iam';
import { accountId, type Log, partition, region, type Template } from '../model';
import { type Access, accessesOf, type Facts } from './access';
import type { Asked } from './access/context';
import { tablesOf } from './access/tables';
import type { Call } from './call';
import { operationOf } from './dynamodb';
import { type Denial, Permissions } from './permissions';
import { denied } from './refusals';
import { type AssumableRole, assumableRoles } from './sts';

/** What the template's roles allow, held against every call. */
export class Guard {
  readonly permissions: Permissions;
  private readonly facts: Facts;
  private readonly roles: ReadonlyMap<string, AssumableRole>;

  constructor(template: Template, roles: Roles, log: Log) {
    this.permissions = new Permissions(roles, log);
    this.facts = factsOf(template);
    this.roles = assumableRoles(template);
  }

  /** @throws AwsError when the call needs what its caller is not allowed */
  check(call: Call): void {
    // Whoever holds the key of the stack may also do what can't be judged.
    if (!call.caller.role) return;
    for (const access of accessesOf(call, operationOf(call), this.facts)) this.require(call, access);
  }

  /** @throws AwsError when the caller is not allowed this */
  require(call: Call, access: Access): void {
    const found = this.permissions.denial(askedBy(call), access);
    if (found) throw denied(call.service, found.message);
  }

  role(arn: string): AssumableRole | undefined {
    return this.roles.get(arn);
  }

  get denials(): Denial[] {
    return this.permissions.denials;
  }
}

function askedBy({ caller, request }: Call): Asked {
  return { caller, address: '127.0.0.1', userAgent: request.headers['user-agent'], now: Date.now() };
}

function factsOf(template: Template): Facts {
  const tables = tablesOf(template);
  const [domain] = template.ofType('AWS::OpenSearchService::Domain');
  const socket = template
    .ofType('AWS::ApiGatewayV2::Api')
    .find(({ properties }) => properties.ProtocolType === 'WEBSOCKET');
  return {
    arn: (service, rest) => `arn:${partition}:${service}:${region}:${accountId}:${rest}`,
    table: (name) => tables.get(name),
    domain: domain && String(domain.attributes.Arn),
    socketApi: socket?.ref,
  };
}
