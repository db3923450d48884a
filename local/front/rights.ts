import type { Caller } from './keys';
import type { Permissions } from './permissions';

/** What AWS itself does for a function with the function's role: reads its streams, writes its log, joins its network. */
export class Rights {
  /** @param callers functions by logical id */
  constructor(
    private readonly permissions: Permissions,
    private readonly callers: ReadonlyMap<string, Caller>,
  ) {}

  /** Whether the function's role may do this on all of these. @returns false for a function that is not known */
  may(logicalId: string, action: string, ...resources: readonly string[]): boolean {
    const caller = this.callers.get(logicalId);
    if (!caller) return false;
    const denials = resources.map((resource) =>
      this.permissions.denial({ caller, now: Date.now() }, { action, resource }),
    );
    return denials.every((denial) => denial === undefined);
  }
}
