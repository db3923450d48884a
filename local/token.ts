import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const usage = 'Usage: npm run token -- --sub ID --role ROLE[,ROLE] [--ttl 1h] [--ready-file FILE]';
const readyFile = z.looseObject({ api: z.string() });
const answer = z.union([z.object({ token: z.string() }), z.object({ message: z.string() })]);
const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90s`, `15m`, `1h`, `2d`, or a bare number of seconds. @returns undefined for anything else */
export function seconds(duration: string): number | undefined {
  const [, amount, unit = 's'] = /^(\d+)([smhd])?$/.exec(duration) ?? [];
  const factor = unitSeconds[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

/** @returns the token. @throws Error whose message is one sentence for the terminal */
export async function fetchToken(args: readonly string[]): Promise<string> {
  const { sub, role = '', ttl = '1h', 'ready-file': file = '.waystream/ready.json' } = options(args);
  const ttlSeconds = seconds(ttl);
  if (sub === undefined || ttlSeconds === undefined) throw new Error(usage);
  const roles = role.split(',').filter((each) => each !== '');
  const response = await fetch(`${await apiOf(file)}/_local/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub, roles, ttlSeconds }),
  }).catch(() => {
    throw new Error(`The local stack that ${file} names does not answer: start it with npm start.`);
  });
  const result = answer.parse(await response.json());
  if ('message' in result) throw new Error(result.message);
  return result.token;
}

function options(args: readonly string[]) {
  try {
    const string = { type: 'string' } as const;
    return parseArgs({ args: [...args], options: { sub: string, role: string, ttl: string, 'ready-file': string } })
      .values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

async function apiOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`No local stack is running (no ${file}): start it with npm start.`);
  });
  return readyFile.parse(JSON.parse(text)).api;
}

if (require.main === module) {
  fetchToken(process.argv.slice(2)).then(
    (token) => console.log(token),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    },
  );
}
