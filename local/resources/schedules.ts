import type { Functions, Log, Template } from '../model';
import { readAll } from '../template/known';
import { eventRule, schedule } from '../template/schemas';
import { type Next, parseSchedule } from './cron';

interface Schedule {
  name: string;
  enabled: boolean;
  next: Next;
  /** every target gets its own event */
  fire(): Promise<void>;
}

/** Longest wait of one timer; a longer one would overflow. */
const longestTimerMs = 2 ** 31 - 1;

/** The schedules of the template: EventBridge rules and Scheduler's. */
export class Schedules {
  private readonly all: Schedule[];
  private readonly timers = new Map<string, NodeJS.Timeout>();

  /** @throws TemplateError for an expression that is not known */
  constructor(
    template: Template,
    functions: Functions,
    private readonly log: Log,
  ) {
    this.all = [...rules(template, functions), ...scheduled(template, functions)];
  }

  start(): void {
    const now = Date.now();
    for (const each of this.all.filter(({ enabled }) => enabled)) this.arm(each, now);
  }

  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  names(): string[] {
    return this.all.map(({ name }) => name);
  }

  /** Fires a schedule now, by its logical id. @returns false when there is none of this name */
  async fire(name: string): Promise<boolean> {
    const found = this.all.find((each) => each.name === name);
    await found?.fire();
    return found !== undefined;
  }

  private arm(each: Schedule, from: number): void {
    const at = each.next(from);
    if (at === undefined) return;
    const wait = Math.max(0, at - Date.now());
    const timer = setTimeout(
      () => {
        if (wait > longestTimerMs) return this.arm(each, from);
        each.fire().catch((error: unknown) => this.log(each.name, String(error)));
        this.arm(each, at);
      },
      Math.min(wait, longestTimerMs),
    );
    this.timers.set(each.name, timer);
  }
}

function rules(template: Template, functions: Functions): Schedule[] {
  return readAll(template, 'AWS::Events::Rule', eventRule).flatMap(({ resource, properties }): Schedule[] => {
    const { ScheduleExpression, State, Targets } = properties;
    // A rule without one waits for events: events.ts.
    if (ScheduleExpression === undefined) return [];
    const fire = async () => {
      for (const { Arn, Input } of Targets) {
        await functions.invoke(
          Arn,
          Input === undefined ? ruleEvent(resource.attributes.Arn) : JSON.parse(Input),
          event,
        );
      }
    };
    const next = parseSchedule(ScheduleExpression);
    return [{ name: resource.logicalId, enabled: State === 'ENABLED', next, fire }];
  });
}

function scheduled(template: Template, functions: Functions): Schedule[] {
  return readAll(template, 'AWS::Scheduler::Schedule', schedule).map(({ resource, properties }) => ({
    name: resource.logicalId,
    enabled: properties.State === 'ENABLED',
    next: parseSchedule(properties.ScheduleExpression),
    fire: async () => {
      const { Arn, Input } = properties.Target;
      await functions.invoke(Arn, Input === undefined ? {} : JSON.parse(Input), event);
    },
  }));
}

const event = { type: 'event' } as const;

/** Source: Amazon EventBridge events reference, "Scheduled events". */
function ruleEvent(arn: unknown): Record<string, unknown> {
  const [, , , region, account] = String(arn).split(':');
  return {
    version: '0',
    id: crypto.randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region,
    resources: [arn],
    detail: {},
  };
}
