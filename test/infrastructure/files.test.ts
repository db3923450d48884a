import { environmentNames, idOf, synthesize } from './synthesize';

describe.each(environmentNames)('imports of %s', (env) => {
  const stacks = synthesize(env);
  const bucket = stacks.one('AWS::S3::Bucket', ({ id }) => id.startsWith('FilesUploads'));
  const rule = stacks.one('AWS::Events::Rule', ({ id }) => id.startsWith('FilesUploaded'));

  test('uploads are forgotten after a day, and reports after thirty', () => {
    const rules = JSON.stringify(bucket.Properties.LifecycleConfiguration);
    expect(rules).toMatch(/"ExpirationInDays":1,"Prefix":"uploads\/"/);
    expect(rules).toMatch(/"ExpirationInDays":30,"Prefix":"reports\/"/);
  });

  test('an upload, and nothing else, starts an import', () => {
    expect(bucket.Properties.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    expect(rule.Properties.EventPattern).toMatchObject({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { object: { key: [{ prefix: 'uploads/' }] } },
    });
    expect(JSON.stringify(rule.Properties.EventPattern)).toContain(bucket.id);
    expect(idOf(rule.Properties.Targets)).toBe(stacks.function('files/on-upload').id);
  });

  test('pages may put, and nothing else', () => {
    const { CorsRules } = bucket.Properties.CorsConfiguration as { CorsRules: { AllowedMethods: string[] }[] };
    expect(CorsRules.map(({ AllowedMethods }) => AllowedMethods)).toEqual([['PUT']]);
  });

  test('the door puts uploads and reports, the importer reads the one and keeps the other', () => {
    const onObjects = (entry: string) =>
      stacks
        .statements(entry)
        .filter(({ Action }) => Action.some((action) => action.startsWith('s3:')))
        .map(({ Action, Resource }) => [...Action, /"\/(\w+)\/\*"/.exec(JSON.stringify(Resource))?.[1]].join(' '));
    expect(onObjects('files/on-import')).toEqual(['s3:PutObject uploads', 's3:GetObject s3:PutObject reports']);
    expect(onObjects('files/on-upload')).toEqual(['s3:GetObject uploads', 's3:GetObject s3:PutObject reports']);
  });

  test('a large file has the time to trickle into the stream', () => {
    expect(stacks.function('files/on-upload').Properties.Timeout).toBe(900);
  });
});
