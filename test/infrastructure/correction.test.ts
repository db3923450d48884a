import { environmentNames, idOf, synthesize } from './synthesize';

describe.each(environmentNames)('correction in %s', (env) => {
  const stacks = synthesize(env);
  const fn = stacks.function('correction/on-journal');
  const { Properties } = stacks.one(
    'AWS::Lambda::EventSourceMapping',
    ({ Properties }) => idOf(Properties.FunctionName) === fn.id,
  );
  const actionsOn = (service: string) =>
    stacks
      .statements('correction/on-journal')
      .flatMap(({ Action }) => Action)
      .filter((action) => action.startsWith(`${service}:`))
      .sort();

  test('follows the rides table, never the tracks table, from its oldest record', () => {
    expect(JSON.stringify(Properties.EventSourceArn)).toMatch(/Rides.*StreamArn/);
    expect(Properties.StartingPosition).toBe('TRIM_HORIZON');
    const followers = stacks
      .ofType('AWS::Lambda::EventSourceMapping')
      .filter(({ Properties: { EventSourceArn } }) => /Rides.*StreamArn/.test(JSON.stringify(EventSourceArn)));
    expect(followers).toHaveLength(1);
  });

  test('hears of entries of the journal that begin a minute or come late, and of rides that are over', () => {
    const patterns = [
      {
        dynamodb: { Keys: { ride: { S: [{ prefix: 'j' }] } }, NewImage: { continues: { BOOL: [{ exists: false }] } } },
      },
      { dynamodb: { NewImage: { finishedAt: { N: [{ exists: true }] } } } },
    ];
    expect(Properties.FilterCriteria).toEqual({
      Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })),
    });
  });

  test('gathers news for a while where that saves reads', () => {
    expect(Properties.MaximumBatchingWindowInSeconds).toBe(env === 'dev' ? 1 : 30);
  });

  test('tries a record three times, alone at last, and keeps it before its stream forgets it', () => {
    expect(Properties).toMatchObject({
      MaximumRetryAttempts: 2,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(Properties.MaximumRecordAgeInSeconds).toBeLessThan(24 * 3600);
  });

  test('reads and puts rows of tracks, changes none, and needs no cache', () => {
    expect(actionsOn('dynamodb')).toEqual([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ]);
    expect(fn.Properties.VpcConfig).toBeUndefined();
    expect(actionsOn('kinesis')).toEqual([]);
  });

  test('has an alarm for its delay', () => {
    const alarms = stacks.ofType('AWS::CloudWatch::Alarm').map(({ Properties }) => JSON.stringify(Properties));
    expect(alarms.some((alarm) => alarm.includes('IteratorAge') && alarm.includes(`"${fn.id}"`))).toBe(true);
  });
});
