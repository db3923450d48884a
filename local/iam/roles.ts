import type { Template } from '../model';
import { type OnResource, type Role, resourcePoliciesOf, rolesOf } from './attached';
import { coversAction, coversResource, evaluate } from './evaluate';
import {
  type AccessRequest,
  type Decision,
  type Policy,
  PolicyError,
  type Statement,
  type StatementRef,
} from './types';

/** One action on one resource of an allowing statement, as the policy writes them, and how often it was needed. */
export interface Grant {
  /** logical id of the role */
  role: string;
  policy: string;
  index: number;
  action: string;
  resource: string;
  uses: number;
}

/** An action that a role was denied, and how often. */
export interface Denied {
  role: string;
  action: string;
  times: number;
}

/** Actions that denials are counted of: no code asks for as many. */
const deniedLimit = 1_000;

/** Answers that are kept; more than a stack's functions ask for, but for names of connections and objects. */
const keptLimit = 10_000;

/** A decision, and the use that it counts as. */
interface Decided {
  decision: Decision;
  use: string | undefined;
}

/**
 * The roles of a template, what each may do, and what it did. Statements can be withheld while the stack runs.
 */
export class Roles {
  private readonly roles: ReadonlyMap<string, Role>;
  private readonly onResources: readonly OnResource[];
  private readonly statements: ReadonlyMap<string, Statement>;
  private readonly withheld = new Set<string>();
  /** by statement, action and resource as the policy writes them: no more entries than the policies have */
  private readonly uses = new Map<string, number>();
  /** by role and action */
  private readonly refused = new Map<string, Denied>();
  /** decisions for which no policy looked at more than who, what and where */
  private readonly kept = new Map<string, Decided>();

  /** @throws PolicyError, TemplateError for what can't be read */
  constructor(template: Template) {
    this.roles = new Map(rolesOf(template).map((role) => [role.arn, role]));
    this.onResources = resourcePoliciesOf(template);
    const own = [...this.roles.values()].flatMap(({ identity }) => identity);
    const policies = [...own, ...this.onResources.map(({ policy }) => policy)];
    this.statements = new Map(policies.flatMap(({ statements }) => statements.map((each) => [keyOf(each.ref), each])));
  }

  /**
   * Decides what a session of a role asks for.
   * @param session the policy given with `AssumeRole`
   * @throws PolicyError when the template has no such role
   */
  decide(request: AccessRequest, roleArn: string, session?: readonly Policy[]): Decision {
    const role = this.roles.get(roleArn);
    if (!role) throw new PolicyError(`The template has no role ${roleArn}`);
    const name = session ? undefined : `${roleArn} ${request.principal.arn} ${request.action} ${request.resource}`;
    const decided = (name && this.kept.get(name)) || this.judge(request, role, session, name);
    if (decided.use !== undefined) this.uses.set(decided.use, (this.uses.get(decided.use) ?? 0) + 1);
    if (!decided.decision.allowed) this.refuse(role.logicalId, request.action);
    return decided.decision;
  }

  /** What was denied so far. */
  denials(): Denied[] {
    return [...this.refused.values()];
  }

  /** Takes a statement out of its policy until it is restored. @throws PolicyError when there is none */
  withhold(ref: StatementRef): void {
    if (!this.statements.has(keyOf(ref))) throw new PolicyError(`There is no statement ${keyOf(ref)}`);
    this.withheld.add(keyOf(ref));
    this.kept.clear();
  }

  /** Puts a statement back, or all of them. */
  restore(ref?: StatementRef): void {
    if (ref) this.withheld.delete(keyOf(ref));
    else this.withheld.clear();
    this.kept.clear();
  }

  /** All that the roles are allowed, a line for each action on each resource, with its uses so far. */
  grants(): Grant[] {
    return [...this.roles.values()].flatMap(({ logicalId, identity }) =>
      identity
        .flatMap(({ statements }) => statements)
        .filter(({ effect }) => effect === 'Allow')
        .flatMap((statement) =>
          pairs(statement).map(([action, resource]) => ({
            role: logicalId,
            ...statement.ref,
            action,
            resource,
            uses: this.uses.get(useKey(statement.ref, action, resource)) ?? 0,
          })),
        ),
    );
  }

  private refuse(role: string, action: string): void {
    const name = `${role} ${action}`;
    const known = this.refused.get(name);
    if (known) known.times += 1;
    else if (this.refused.size < deniedLimit) this.refused.set(name, { role, action, times: 1 });
  }

  private judge(request: AccessRequest, role: Role, session: readonly Policy[] | undefined, name?: string): Decided {
    const trusted = this.roles.get(request.resource);
    let looked = false;
    const context = (key: string) => {
      looked = true;
      return request.context(key);
    };
    const decision = evaluate(
      { ...request, context },
      {
        identity: this.present(role.identity),
        session,
        boundary: role.boundary,
        resource: this.present(trusted ? [trusted.trust] : this.policiesOn(request.resource)),
        trust: trusted !== undefined,
      },
    );
    const decided = { decision, use: decision.allowed ? this.useOf(request, decision.by) : undefined };
    if (this.kept.size >= keptLimit) this.kept.clear();
    if (name !== undefined && !looked) this.kept.set(name, decided);
    return decided;
  }

  private useOf(request: AccessRequest, ref: StatementRef): string | undefined {
    const statement = this.statements.get(keyOf(ref));
    const [found] = statement ? pairs(statement, request) : [];
    return found && useKey(ref, ...found);
  }

  private present(policies: readonly Policy[]): readonly Policy[] {
    if (this.withheld.size === 0) return policies;
    return policies.map(({ name, statements }) => ({
      name,
      statements: statements.filter(({ ref }) => !this.withheld.has(keyOf(ref))),
    }));
  }

  private policiesOn(resource: string): Policy[] {
    return this.onResources
      .filter(({ arn }) => resource === arn || resource.startsWith(`${arn}/`))
      .map(({ policy }) => policy);
  }
}

/** The actions and resources of a statement as written, all or those that cover a request. */
function pairs({ action, resource }: Statement, request?: AccessRequest): [string, string][] {
  const actions = action.patterns.filter(
    (each) => !request || action.negated || coversAction(request, { negated: false, patterns: [each] }),
  );
  const resources = resource?.patterns.filter(
    (each) => !request || resource.negated || coversResource(request, { negated: false, patterns: [each] }),
  );
  const names = resources?.map(({ text }) => (resource?.negated ? `all but ${text}` : text)) ?? ['*'];
  return actions.flatMap(({ text }) =>
    names.map((name): [string, string] => [action.negated ? `all but ${text}` : text, name]),
  );
}

function keyOf({ policy, index }: StatementRef): string {
  return `${policy}/${index}`;
}

function useKey(ref: StatementRef, action: string, resource: string): string {
  return `${keyOf(ref)} ${action} ${resource}`;
}
