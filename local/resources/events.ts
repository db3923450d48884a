import { randomUUID } from 'node:crypto';
import { accountId, type Functions, type Log, region, type Template } from '../model';
import { compileFilters } from '../streams/filter';
import { readAll } from '../template/known';
import { bucket, eventRule } from '../template/schemas';

/** An object that has been put. */
export interface CreatedObject {
  bucket: string;
  key: string;
  /** bytes */
  size: number;
  etag: string;
}

interface Rule {
  matches(event: unknown): boolean;
  targets: readonly { Arn: string; Input?: string | undefined }[];
}

/** The rules of the template that wait for events, and the buckets that tell EventBridge of theirs. */
export class EventRules {
  private readonly rules: readonly Rule[];
  private readonly telling: ReadonlySet<string>;

  /** @throws TemplateError for a pattern that is not valid */
  constructor(
    template: Template,
    private readonly functions: Functions,
    private readonly log: Log,
  ) {
    this.rules = readAll(template, 'AWS::Events::Rule', eventRule).flatMap(({ properties }): Rule[] => {
      const { EventPattern, State, Targets } = properties;
      if (EventPattern === undefined || State !== 'ENABLED') return [];
      return [{ matches: compileFilters([JSON.stringify(EventPattern)]), targets: Targets }];
    });
    const buckets = readAll(template, 'AWS::S3::Bucket', bucket);
    const telling = buckets.filter(
      ({ properties }) => properties.NotificationConfiguration?.EventBridgeConfiguration.EventBridgeEnabled,
    );
    this.telling = new Set(telling.map(({ resource }) => resource.ref));
  }

  /** Tells whoever waits for it; they are called as for any event, and tried again as one. */
  created(object: CreatedObject): void {
    if (!this.telling.has(object.bucket)) return;
    const event = objectCreated(object);
    for (const { targets } of this.rules.filter(({ matches }) => matches(event))) {
      for (const { Arn, Input } of targets) {
        const payload: unknown = Input === undefined ? event : JSON.parse(Input);
        this.functions
          .invoke(Arn, payload, { type: 'event' })
          .catch((error: unknown) => this.log('events', String(error)));
      }
    }
  }
}

/** Source: Amazon S3 user guide, "EventBridge event message structure". */
function objectCreated({ bucket, key, size, etag }: CreatedObject): Record<string, unknown> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: accountId,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key, size, etag, sequencer: Date.now().toString(16).toUpperCase().padStart(18, '0') },
      'request-id': randomUUID(),
      requester: accountId,
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    },
  };
}
