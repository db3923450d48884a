import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { missing } from '../../scripts/preflight.mjs';

const complete = {
  node: '20.19.0',
  javaHome: undefined,
  java: 'openjdk version "17.0.15" 2025-04-15',
  javac: 'javac 17.0.15',
  maven: 'Apache Maven 3.8.7',
  python: 'Python 3.11.7',
  pip: 'pip 23.2.1 from somewhere (python 3.11)',
  valkey: undefined,
};

const python = 'Python 3.10 or later with pip is needed, or valkey-server 7 or later';

test('nothing is said where all is there', () => {
  expect(missing(complete)).toEqual([]);
});

test.each([
  ['an old Node.js', { node: '20.9.0' }, 'Node.js 20.19 or later is needed; this is 20.9.0.'],
  ['no Java', { java: undefined }, 'A JDK 17 or later is needed; there is no java on the PATH.'],
  ['an old Java', { java: 'openjdk version "11.0.2"' }, 'A JDK 17 or later is needed; the java on the PATH is 11.0.2.'],
  [
    'a very old Java',
    { java: 'java version "1.8.0_392"' },
    'A JDK 17 or later is needed; the java on the PATH is 8.0.',
  ],
  [
    'a Java runtime without a compiler',
    { javac: undefined },
    'A JDK 17 or later is needed; the java on the PATH is a runtime without a compiler (javac).',
  ],
  [
    'a JAVA_HOME that leads nowhere',
    { java: undefined, javaHome: '/opt/gone' },
    'A JDK 17 or later is needed; there is no java in JAVA_HOME (/opt/gone).',
  ],
  ['no Maven', { maven: undefined }, 'Maven 3.6.3 or later is needed; there is no mvn on the PATH.'],
  ['an old Maven', { maven: 'Apache Maven 3.5.4' }, 'Maven 3.6.3 or later is needed; the mvn on the PATH is 3.5.4.'],
  ['no Python', { python: undefined, pip: undefined }, `${python}; there is neither on the PATH.`],
  ['an old Python', { python: 'Python 3.9.18' }, `${python}; the python3 on the PATH is 3.9.18.`],
  ['a Python without pip', { pip: '' }, `${python}; the python3 on the PATH has no pip.`],
])('%s is one sentence', (_, change, sentence) => {
  expect(missing({ ...complete, ...change })).toEqual([sentence]);
});

test('a server of Valkey on the PATH stands in for Python', () => {
  const bare = { ...complete, python: undefined, pip: undefined };
  expect(missing({ ...bare, valkey: 'Valkey server v=8.1.0 sha=00000000:0' })).toEqual([]);
  expect(missing({ ...bare, valkey: 'Redis server v=6.2.11 sha=00000000:0' })).toEqual([
    `${python}; there is neither on the PATH.`,
  ]);
});

test('newer versions than the oldest pass, compared by number', () => {
  const newer = { node: '100.0.0', java: 'openjdk version "21" 2023-09-19', maven: 'Apache Maven 3.10.0' };
  expect(missing({ ...complete, ...newer, python: 'Python 3.100.1' })).toEqual([]);
});

describe('run on a machine', () => {
  let path: string;

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'preflight-'));
  });
  afterEach(() => rmSync(path, { recursive: true }));

  test('each thing that is missing is a sentence on standard error, and the exit code 1', async () => {
    expect(await preflight(path)).toEqual({
      code: 1,
      lines: [
        'A JDK 17 or later is needed; there is no java on the PATH.',
        'Maven 3.6.3 or later is needed; there is no mvn on the PATH.',
        `${python}; there is neither on the PATH.`,
      ],
    });
  });

  test('a tool that is too old is told by what it says of itself', async () => {
    tool(path, 'java', 'openjdk version "11.0.2"');
    tool(path, 'javac', 'javac 11.0.2');
    tool(path, 'mvn', 'Apache Maven 3.8.7');
    tool(path, 'python3', 'Python 3.12.1');
    expect(await preflight(path)).toEqual({
      code: 1,
      lines: ['A JDK 17 or later is needed; the java on the PATH is 11.0.2.'],
    });
  });

  test('a machine with everything goes on', async () => {
    tool(path, 'java', 'openjdk version "21.0.1"');
    tool(path, 'javac', 'javac 21.0.1');
    tool(path, 'mvn', 'Apache Maven 3.9.9');
    tool(path, 'valkey-server', 'Valkey server v=9.0.0');
    expect(await preflight(path)).toEqual({ code: 0, lines: [] });
  });
});

function tool(path: string, name: string, says: string): void {
  writeFileSync(join(path, name), `#!/bin/sh\necho '${says}'\n`);
  chmodSync(join(path, name), 0o755);
}

/** Runs the preflight where the PATH is one folder. */
function preflight(path: string): Promise<{ code: number; lines: string[] }> {
  const script = resolve(__dirname, '../../scripts/preflight.mjs');
  return new Promise((done) => {
    const child = execFile(process.execPath, [script], { env: { PATH: path } }, (_, __, stderr) => {
      done({ code: child.exitCode ?? -1, lines: stderr.split('\n').filter((line) => line !== '') });
    });
  });
}
