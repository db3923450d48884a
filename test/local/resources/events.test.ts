import type { Functions, Resource, Template } from '../../../local/model';
import { EventRules } from '../../../local/resources/events';

const resource = (type: string, ref: string, properties: Record<string, unknown>): Resource => ({
  ...{ stack: 's', logicalId: ref, type, ref, attributes: {}, properties, metadata: {} },
});

function rulesOver(...resources: Resource[]) {
  const template: Template = {
    resources,
    ofType: (type) => resources.filter((each) => each.type === type),
    find: () => {
      throw new Error('nobody is looked for');
    },
    outputs: {},
  };
  const calls: { name: string; key: unknown }[] = [];
  const functions: Functions = {
    invoke: async (name, payload, options) => {
      expect(options).toEqual({ type: 'event' });
      calls.push({ name, key: (payload as { detail: { object: { key: string } } }).detail.object.key });
      return { ok: true, payload: null };
    },
  };
  return { events: new EventRules(template, functions, () => undefined), calls };
}

const telling = { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } };
const rule = (State = 'ENABLED') =>
  resource('AWS::Events::Rule', 'rule', {
    State,
    EventPattern: { source: ['aws.s3'], detail: { bucket: { name: ['a'] }, object: { key: [{ prefix: 'up/' }] } } },
    Targets: [{ Arn: 'importer', Id: 'Target0' }],
  });
const put = (bucket: string, key: string) => ({ bucket, key, size: 1, etag: 'e' });

test('an object that a rule waits for calls its target', () => {
  const { events, calls } = rulesOver(resource('AWS::S3::Bucket', 'a', telling), rule());
  events.created(put('a', 'up/1'));
  events.created(put('a', 'down/1'));
  expect(calls).toEqual([{ name: 'importer', key: 'up/1' }]);
});

test('buckets that tell EventBridge nothing, and rules that are off, call nobody', () => {
  const silent = rulesOver(resource('AWS::S3::Bucket', 'a', {}), rule());
  silent.events.created(put('a', 'up/1'));
  const off = rulesOver(resource('AWS::S3::Bucket', 'a', telling), rule('DISABLED'));
  off.events.created(put('a', 'up/1'));
  expect([...silent.calls, ...off.calls]).toEqual([]);
});

test('a pattern that is not valid is an error', () => {
  const wrong = resource('AWS::Events::Rule', 'rule', { EventPattern: { source: 'aws.s3' }, Targets: [] });
  expect(() => rulesOver(wrong)).toThrow('source needs a list');
});
