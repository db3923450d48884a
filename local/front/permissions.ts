import { denialMessage, type Roles } from '../iam';
import { accountId, type Log } from '../model';
import type { Access } from './access';
import { type Asked, conditionValues } from './access/context';

export interface Denial {
  /** function or session that asked */
  caller: string;
  action: string;
  resource: string;
  message: string;
}

/** Denials that are remembered, so that each is said once. */
const denialLimit = 1_000;

/** Decides what a role asks for, and says each denial once. */
export class Permissions {
  private readonly said = new Map<string, Denial>();

  constructor(
    private readonly roles: Roles,
    private readonly log: Log,
  ) {}

  /** What was denied since the start, each once. */
  get denials(): Denial[] {
    return [...this.said.values()];
  }

  /** @returns why it is denied, or nothing when it is allowed */
  denial(asked: Asked, access: Access): Denial | undefined {
    const { caller } = asked;
    if (!caller.role) return undefined;
    const { action, resource } = access;
    const principal = { arn: caller.arn, account: accountId };
    const request = { action, resource, principal, context: (key: string) => conditionValues(key, asked, access) };
    const decision = this.roles.decide(request, caller.role.arn, caller.role.policy);
    if (decision.allowed) return undefined;
    const denied = { caller: caller.name, action, resource, message: denialMessage(request, decision) };
    this.say(denied, decision.reason);
    return denied;
  }

  private say(denied: Denial, reason: string): void {
    const name = `${denied.caller} ${denied.action} ${denied.resource}`;
    if (this.said.has(name) || this.said.size >= denialLimit) return;
    this.said.set(name, denied);
    const grant = reason.startsWith('explicit')
      ? `${reason} forbids it`
      : `grant ${denied.action} on ${denied.resource} (${reason} it)`;
    this.log('permissions', `${denied.caller}: ${denied.action} on ${denied.resource} is denied; ${grant}`);
  }
}
