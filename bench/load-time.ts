import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** What functions read when they start, with values that are merely well formed: loading calls nobody. */
export const variables = {
  AWS_REGION: 'eu-central-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  VALKEY_URL: 'rediss://hot.example:6379',
  VALKEY_USER: 'user',
  VALKEY_CACHE: 'cache',
  POSITIONS_STREAM: 'positions',
  TRACKS_TABLE: 'tracks',
  TICKETS_TABLE: 'tickets',
  PARTITIONS_TABLE: 'partitions',
  SEARCH_ENDPOINT: 'https://search.example',
  SOCKET_ENDPOINT: 'https://socket.example',
  SOCKET_URL: 'wss://socket.example',
  TOKEN_ISSUER: 'https://issuer.example',
  TOKEN_AUDIENCE: 'audience',
  RETENTION_DAYS: '400',
  DEVICE_RATE: '3',
  DEVICE_BURST: '5',
  ADDRESS_RATE: '3',
  ADDRESS_BURST: '5',
  APP_RATE: '10',
  APP_BURST: '100',
  KEYS_TABLE: 'keys',
  RIDES_TABLE: 'rides',
  UPLOADS_BUCKET: 'uploads',
  ARCHIVE_BUCKET: 'archive',
  TRACKS_TABLE_ARN: 'arn:aws:dynamodb:eu-central-1:000000000000:table/tracks',
  DEVICE_ROLE: 'arn:aws:iam::000000000000:role/device',
  CREDENTIALS_SECONDS: '3600',
  REFUSED_LIMIT: '1000',
  FRAMES_PER_SECOND: '4',
  STALE_AFTER_SECONDS: '300',
  PSEUDONYM_MINUTES: '15',
  PSEUDONYM_SILENCE_SECONDS: '60',
};

const script = `const from = process.cpuUsage();
  require(process.argv[1]);
  const { user, system } = process.cpuUsage(from);
  console.log((user + system) / 1000);
  process.exit();`;

/**
 * Milliseconds of CPU that loading a bundle takes in a process of its own, the best of five. CPU and not time, so that
 * what else the machine does hardly counts; V8 compiles on a second thread, so on one core it takes all of this.
 * @throws Error with what the function said
 */
export function loadMs(file: string): number {
  const once = (): number => {
    const options = { encoding: 'utf8', env: variables } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script, resolve(file)], options);
    if (status !== 0) throw new Error(`${file} did not load: ${stderr}`);
    return Number(stdout);
  };
  return Math.min(...Array.from({ length: 5 }, once));
}
