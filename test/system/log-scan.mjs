import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Shapes that no log line may have, whoever wrote it. */
const SHAPES = {
  'a JSON Web Token': /\beyJ[\w-]{8,}\.[\w-]{8,}/,
  'a bearer': /\bbearer[ .]+[\w-]{12,}/i,
  'an Authorization header': /\bauthorization\\*["']?\s*[:=]\s*\\*["']?[\w+/=.-]{8,}/i,
  'a signature': /AWS4-HMAC-SHA256\s+Credential=|X-Amz-Signature=[\da-f]{16,}/i,
  'a device key': /~[0-9a-hjkmnp-tv-z]{34}\b/i,
  'a ticket': /\bticket(=|\\*["']\s*:\s*\\*["'])[\w-]{20,}/i,
  'a secret key': /secret_?access_?key\\*["'>]?\s*[:=>]?\s*\\*["']?[\w+/]{16,}/i,
  'a session token': /(session_?token|x-amz-security-token)\\*["'>]?\s*[:=>]?\s*\\*["']?[\w+/=]{16,}/i,
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
};

/** @returns the files below a folder whose names end so */
export function filesBelow(folder, ending) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

/**
 * What a line tells that it must not.
 * @param {string} line
 * @param {readonly string[]} secrets known to have been handed out
 * @returns {string[]} the kinds of what was found, never itself
 */
export function findSecrets(line, secrets = []) {
  const kinds = Object.entries(SHAPES).flatMap(([kind, shape]) => (shape.test(line) ? [kind] : []));
  return secrets.some((secret) => line.includes(secret)) ? [...kinds, 'something handed out in this run'] : kinds;
}

/**
 * Looks through the logs of a run.
 * @param {string} folder of the run: `*.log` of its stacks in it, and in `secrets.txt` a line for each token and ticket
 * @returns {{ lines: number, files: number, secrets: number, found: string[] }} `found` as `file:line: what`
 */
export function scanLogs(folder) {
  const file = join(folder, 'secrets.txt');
  const secrets = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const found = [];
  let lines = 0;
  const files = filesBelow(folder, '.log');
  for (const log of files) {
    const text = readFileSync(log, 'utf8');
    const known = secrets.filter((secret) => text.includes(secret));
    for (const [index, line] of text.split('\n').entries()) {
      lines += 1;
      for (const kind of findSecrets(line, known)) found.push(`${relative(folder, log)}:${index + 1}: ${kind}`);
    }
  }
  return { lines, files: files.length, secrets: secrets.length, found };
}
