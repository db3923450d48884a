import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ENGINES_DIR, ROOT } from '../../local/engines/paths';
import { freePorts } from '../../local/engines/ports';
import { Watchdog } from '../../local/engines/watchdog';

const VERSION = '1.5.33';
const STARTS_WITHIN_MS = 60_000;

/** Where the emulator's account is. */
export const region = 'eu-central-1';
export const account = '000000000000';

/** Why the check can't run on this machine, in a sentence; undefined where it can. */
export function whatIsMissing(): string | undefined {
  for (const [command, args, what] of [
    ['python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], 'Python 3.10 or later'],
    ['python3', ['-m', 'pip', '--version'], 'pip, Python’s installer'],
    ['openssl', ['version'], 'openssl, which makes the certificate of the loopback address'],
  ] as const) {
    if (spawnSync(command, args, { stdio: 'ignore' }).status !== 0) return `The deploy check needs ${what}.`;
  }
  return undefined;
}

/** Installs the emulator once, into a folder that git ignores. @returns the folder @throws Error with pip's words */
export function install(): string {
  const folder = join(ENGINES_DIR, `ministack-${VERSION}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}.part`;
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-warn-conflicts', '--root-user-action=ignore'];
  // It verifies the signatures of tokens with `cryptography`, which it does not ask for by itself.
  const packages = [`ministack==${VERSION}`, 'cryptography>=41'];
  const arguments_ = ['-m', 'pip', 'install', ...quiet, '--target', unfinished, ...packages];
  const { status, stderr } = spawnSync('python3', arguments_, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ministack ${VERSION} could not be installed from PyPI:\n${stderr}`);
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
  return folder;
}

/** AWS on a loopback port, in a process of its own, that enforces the policies of roles. */
export class Emulator {
  private constructor(
    readonly url: string,
    private readonly certificate: string,
    private readonly child: ChildProcess,
    private readonly watchdog: Watchdog,
    private readonly log: string,
  ) {}

  /**
   * @param packages where `install` put it
   * @param folder an empty one: its state, its log; removed with it
   * @throws Error with its last words
   */
  static async start(packages: string, folder: string): Promise<Emulator> {
    const [port] = await freePorts(1);
    const log = join(folder, 'emulator.log');
    const out = openSync(log, 'a');
    const certificate = join(folder, 'ministack-tls', 'server.crt');
    const child = spawn('python3', [join(__dirname, 'launch.py')], {
      // A group of its own, with the functions' processes: all of it ends at once.
      detached: true,
      stdio: ['ignore', out, out],
      env: environment({ packages, folder, port: String(port), certificate }),
    });
    const watchdog = new Watchdog(join(folder, 'lock'), folder);
    if (child.pid !== undefined) watchdog.watch(-child.pid);
    const emulator = new Emulator(`https://127.0.0.1:${port}`, certificate, child, watchdog, log);
    await emulator.ready().catch(async (error: unknown) => {
      await emulator.stop();
      throw error;
    });
    return emulator;
  }

  /** What a client verifies the emulator by. */
  get authority(): string {
    return readFileSync(this.certificate, 'utf8');
  }

  /** For programs that talk to AWS: no key, file or service of this machine's own is looked at. */
  get clientEnvironment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name));
    return {
      ...Object.fromEntries(own),
      AWS_ENDPOINT_URL: this.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: region,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CA_BUNDLE: this.certificate,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    };
  }

  /** The last lines that it, and the functions in it, wrote. */
  lastWords(lines = 30): string {
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** Ends it with all that it started, and removes its folder. */
  async stop(): Promise<void> {
    await this.watchdog.end();
  }

  private async ready(): Promise<void> {
    const end = Date.now() + STARTS_WITHIN_MS;
    while (Date.now() < end && this.child.exitCode === null) {
      if (/Running on https:\/\/127\.0\.0\.1/.test(this.lastWords())) return;
      await sleep(100);
    }
    throw new Error(`ministack did not start:\n${this.lastWords()}`);
  }
}

/** Its options. Sources: ministack's README, and `MINISTACK_*` in its code. */
function environment(at: { packages: string; folder: string; port: string; certificate: string }): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: at.folder,
    TMPDIR: at.folder,
    PYTHONPATH: at.packages,
    PYTHONDONTWRITEBYTECODE: '1',
    BIND_HOST: '127.0.0.1',
    // Names under an address would be no URLs; names under this one lead to the loopback address.
    MINISTACK_HOST: 'localhost',
    GATEWAY_PORT: at.port,
    MINISTACK_REGION: region,
    MINISTACK_ACCOUNT_ID: account,
    // Roles' policies are enforced. Buckets refuse plain HTTP, so it must speak TLS for anybody but root to get in.
    AUTH: 'true',
    USE_SSL: '1',
    // Its functions, and it itself, trust its certificate.
    NODE_EXTRA_CA_CERTS: at.certificate,
    SSL_CERT_FILE: at.certificate,
    NODE_PATH: runtimeLibraries(at.folder),
    // Listeners of its own that nothing here asks for; they would be open to every address.
    IOT_MTLS_ENABLED: '0',
    STATE_DIR: join(at.folder, 'state'),
    S3_DATA_DIR: join(at.folder, 's3'),
  };
}

/** Lambda's Node.js brings the AWS SDK along, and nothing else: functions are bundled whole. */
function runtimeLibraries(folder: string): string {
  const libraries = join(folder, 'runtime');
  mkdirSync(libraries, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/@aws-sdk'), join(libraries, '@aws-sdk'));
  return libraries;
}
