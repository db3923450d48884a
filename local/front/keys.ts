import { randomBytes } from 'node:crypto';
import type { Policy } from '../iam';
import { accountId } from '../model';

/** A session of a role. */
export interface RoleSession {
  arn: string;
  /** given when the role was assumed: what it does not allow, the session may not do */
  policy?: readonly Policy[] | undefined;
  /** epoch milliseconds */
  issuedAt: number;
  /** of the function whose own session it is */
  functionArn?: string | undefined;
}

/** Who signs with a key: a function with its role, a session of an assumed role, or the stack's own key. */
export interface Caller {
  /** logical id of the function, name of the session, or `root` */
  name: string;
  arn: string;
  /** `aws:userid` */
  userId: string;
  /** absent for the root, who may do everything */
  role?: RoleSession | undefined;
}

/** What a caller signs with. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

/** A key with its caller, until it expires. */
export interface Key extends Credentials {
  caller: Caller;
  /** epoch milliseconds; infinite for keys that live as long as the stack */
  expiresAt: number;
}

/** Temporary keys that are known at a time. The oldest go first: their requests then read as if never issued. */
const keyLimit = 100_000;

/** The keys that the endpoint takes: in memory only, so that no secret outlives the stack. */
export class Keys {
  private readonly lasting = new Map<string, Key>();
  private readonly temporary = new Map<string, Key>();

  find(accessKeyId: string): Key | undefined {
    return this.lasting.get(accessKeyId) ?? this.temporary.get(accessKeyId);
  }

  /** Takes a key that lives as long as the stack. */
  add(caller: Caller, credentials: Credentials): void {
    this.lasting.set(credentials.accessKeyId, { ...credentials, caller, expiresAt: Number.POSITIVE_INFINITY });
  }

  /** Makes a key that expires. */
  issue(caller: Caller, expiresAt: number): Key {
    const key = { ...newCredentials(), caller, expiresAt };
    const [oldest] = this.temporary.keys();
    if (this.temporary.size >= keyLimit && oldest !== undefined) this.temporary.delete(oldest);
    this.temporary.set(key.accessKeyId, key);
    return key;
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Keys of the form that STS issues: `ASIA` and sixteen letters and digits, a secret of forty, a token. */
export function newCredentials(): Required<Credentials> & { sessionToken: string } {
  const random = Array.from(randomBytes(16), (byte) => letters[byte % letters.length]).join('');
  return {
    accessKeyId: `ASIA${random}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(180).toString('base64'),
  };
}

/** The caller that a session of a role is. @param roleId `AROA…` */
export function sessionCaller(name: string, session: string, roleId: string, role: RoleSession): Caller {
  const roleName = role.arn.split('/').at(-1) ?? '';
  const account = role.arn.split(':')[4] ?? accountId;
  return {
    name,
    arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${session}`,
    userId: `${roleId}:${session}`,
    role,
  };
}
