import { environmentNames, idOf, synthesize } from './synthesize';

describe.each(environmentNames)('rides in %s', (env) => {
  const stacks = synthesize(env);
  const fn = stacks.function('rides/on-rows');
  const { Properties } = stacks.one(
    'AWS::Lambda::EventSourceMapping',
    ({ Properties }) => idOf(Properties.FunctionName) === fn.id,
  );
  const actionsOn = (entry: string, table: RegExp) =>
    stacks
      .statements(entry)
      .filter(({ Resource }) => table.test(JSON.stringify(Resource)) && !/StreamArn/.test(JSON.stringify(Resource)))
      .flatMap(({ Action }) => Action)
      .filter((action) => action.startsWith('dynamodb:'))
      .sort();

  test('follow the tracks table from its oldest record, beside the index alone', () => {
    expect(JSON.stringify(Properties.EventSourceArn)).toMatch(/Tracks.*StreamArn/);
    expect(Properties.StartingPosition).toBe('TRIM_HORIZON');
    const followers = stacks
      .ofType('AWS::Lambda::EventSourceMapping')
      .filter(({ Properties: { EventSourceArn } }) => /Tracks.*StreamArn/.test(JSON.stringify(EventSourceArn)));
    // A table’s stream has two readers at most before it throttles.
    expect(followers.length).toBeLessThanOrEqual(2);
  });

  test('hear nothing of what expires', () => {
    const pattern = JSON.stringify({ eventName: ['INSERT', 'MODIFY'] });
    expect(Properties.FilterCriteria).toEqual({ Filters: [{ Pattern: pattern }] });
  });

  test('are kept by key: never scanned, never deleted', () => {
    const byKey = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'];
    expect(actionsOn('rides/on-rows', /Rides/)).toEqual(byKey);
    expect(actionsOn('rides/on-rides', /Rides/)).toEqual(byKey);
    expect(actionsOn('rides/on-rides', /Tracks/)).toEqual([]);
  });

  test('have their journal read by whoever reads tracks', () => {
    expect(actionsOn('tracks/on-read', /Rides/)).toEqual(['dynamodb:Query']);
  });

  test('need no cache, and so no network', () => {
    for (const entry of ['rides/on-rows', 'rides/on-rides']) {
      expect(stacks.function(entry).Properties.VpcConfig).toBeUndefined();
    }
  });

  test('expire as their points do', () => {
    const table = stacks.one('AWS::DynamoDB::Table', ({ id }) => id.startsWith('Rides'));
    expect(table.Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expires', Enabled: true });
  });
});
