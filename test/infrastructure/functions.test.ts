import { entries, environmentNames, idOf, synthesize } from './synthesize';

const inTheNetwork = [
  'ingest/on-app',
  'ingest/on-positions',
  'ingest/on-report',
  'latest/on-nearby',
  'latest/on-position',
  'live/on-positions',
  'live/on-socket',
  'live/on-sweep',
  'tracks/on-read',
];

describe.each(environmentNames)('functions of %s', (env) => {
  const stacks = synthesize(env);

  test('are the ones of the map', () => {
    expect(
      stacks
        .functions()
        .map((fn) => stacks.entry(fn))
        .sort(),
    ).toEqual(entries);
  });

  test('run on arm64 and a pinned runtime', () => {
    for (const { Properties } of stacks.functions()) {
      expect(Properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x', Handler: 'index.handler' });
    }
  });

  test('say how much memory they take and how long', () => {
    for (const { Properties } of stacks.functions()) {
      expect(Properties).toMatchObject({ MemorySize: expect.any(Number), Timeout: expect.any(Number) });
    }
  });

  test('point stack traces at the source', () => {
    for (const { Properties } of stacks.functions()) {
      expect(Properties).toHaveProperty('Environment.Variables.NODE_OPTIONS', '--enable-source-maps');
    }
  });

  test('trace nothing', () => {
    for (const { Properties } of stacks.functions()) expect(Properties).not.toHaveProperty('TracingConfig');
  });

  test('log to a group of their own that forgets', () => {
    const groups = new Set(stacks.functions().map(({ Properties }) => idOf(Properties.LoggingConfig)));
    expect(groups.size).toBe(entries.length);
    for (const { Properties } of stacks.ofType('AWS::Logs::LogGroup')) {
      expect(Properties.RetentionInDays).toEqual({ dev: 7, staging: 30, prod: 90 }[env]);
    }
  });

  test('have none of Lambda’s own lines about each invocation in it, and those of theirs whole', () => {
    for (const { Properties } of stacks.functions()) {
      const levels = { LogFormat: 'JSON', SystemLogLevel: 'WARN', ApplicationLogLevel: 'INFO' };
      expect(Properties.LoggingConfig).toMatchObject(levels);
    }
  });

  test('are in the network exactly where they use Valkey', () => {
    const placed = stacks.functions().filter(({ Properties }) => Properties.VpcConfig !== undefined);
    expect(placed.map((fn) => stacks.entry(fn)).sort()).toEqual(inTheNetwork);
  });

  test('may have network interfaces exactly where they are in the network', () => {
    const allowed = entries.filter((entry) =>
      stacks.statements(entry).some(({ Action }) => Action.includes('ec2:CreateNetworkInterface')),
    );
    expect(allowed).toEqual(inTheNetwork);
  });

  test('sign in to Valkey by their role, at the cache and as the user that they are told', () => {
    for (const entry of inTheNetwork) {
      const connect = stacks.statements(entry).find(({ Action }) => Action.includes('elasticache:Connect'));
      expect(connect?.Resource?.map(idOf).map((id) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['HotCache', 'HotUser']);
      const { Properties } = stacks.function(entry);
      expect(JSON.stringify(Properties.Environment)).toMatch(/"VALKEY_URL":.*rediss:/);
    }
  });

  test('are told each variable that their handler reads, and no other', () => {
    const names = (entry: string) => {
      const { Properties } = stacks.function(entry);
      const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
      return Object.keys(Variables)
        .filter((name) => name !== 'NODE_OPTIONS')
        .sort();
    };
    const valkey = ['VALKEY_CACHE', 'VALKEY_URL', 'VALKEY_USER'];
    expect(names('ingest/on-positions')).toEqual(
      [
        'POSITIONS_STREAM',
        'RETENTION_DAYS',
        'DEVICE_RATE',
        'DEVICE_BURST',
        'ADDRESS_RATE',
        'ADDRESS_BURST',
        ...valkey,
      ].sort(),
    );
    expect(names('devices/on-keys')).toEqual(['KEYS_TABLE']);
    expect(names('ingest/on-app')).toEqual(
      [...names('ingest/on-positions'), 'APP_BURST', 'APP_RATE', 'KEYS_TABLE'].sort(),
    );
    expect(names('tracks/on-positions')).toEqual(['POSITIONS_STREAM', 'RETENTION_DAYS', 'TRACKS_TABLE']);
    expect(names('search/on-rows')).toEqual(['PARTITIONS_TABLE', 'SEARCH_ENDPOINT']);
    expect(names('access/on-connect')).toEqual([]);
  });

  test('are given their own time before the gateway gives up on them', () => {
    for (const entry of ['ingest/on-positions', 'latest/on-nearby', 'tracks/on-read', 'search/on-search']) {
      expect(stacks.function(entry).Properties.Timeout).toBeLessThan(30);
    }
  });
});

test('limits of ingest are the environment’s', () => {
  const limits = (env: 'dev' | 'prod') => synthesize(env).function('ingest/on-positions').Properties.Environment;
  expect(limits('dev')).toMatchObject({
    Variables: { DEVICE_RATE: '3', DEVICE_BURST: '5', ADDRESS_RATE: '3', ADDRESS_BURST: '5' },
  });
  expect(limits('prod')).toMatchObject({ Variables: { DEVICE_RATE: '3', ADDRESS_RATE: '300', ADDRESS_BURST: '600' } });
});

test('production sets instances aside for ingest, the consumers and imports; development takes nothing from its account', () => {
  const reserved = (env: 'dev' | 'prod') =>
    synthesize(env)
      .functions()
      .filter(({ Properties }) => Properties.ReservedConcurrentExecutions !== undefined).length;
  expect(reserved('dev')).toBe(0);
  expect(reserved('prod')).toBe(4);
});
