import { FilterRule } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { continuesAttribute } from '../lambdas/contract/journal';
import { correctionEnv } from '../lambdas/correction/env';
import type { Failures } from './buckets';
import { consume } from './consumer';
import type { Environment } from './environments';
import { ServiceFunction } from './service-function';
import type { RidesTable, TracksTable } from './tables';

export interface CorrectionProps {
  environment: Environment;
  /** Whose journal says what is new. */
  follows: RidesTable;
  tracks: TracksTable;
  failures: Failures;
}

/** Corrects tracks, minutes behind whoever reports. Nothing waits for it. */
export class Correction extends Construct {
  readonly onJournal: ServiceFunction;

  constructor(scope: Construct, id: string, { environment, follows, tracks, failures }: CorrectionProps) {
    super(scope, id);
    const fn = new ServiceFunction(this, 'OnJournal', {
      environment,
      entry: 'correction/on-journal',
      reads: correctionEnv,
      description: 'Corrects tracks',
      memoryMb: 1024,
      // An outage of the table is waited for within the function; a long ride that comes at once takes a while as well.
      timeoutSeconds: 900,
    });
    fn.setEnvironment(correctionEnv, { RETENTION_DAYS: String(environment.retentionDays) });
    tracks.grantCorrect(fn);
    follows.grantChanges(fn);
    consume(fn, {
      source: follows.changes,
      failures,
      startsAt: 'oldest',
      batch: 1000,
      windowSeconds: environment.correctionWindowSeconds,
      maxAgeSeconds: 20 * 3600,
      // Entries of the journal, and rides that are over; hours and rides under way say nothing new. What continues the
      // newest minute changes nothing yet: a minute is judged when two more have begun behind it.
      filter: [
        {
          dynamodb: {
            Keys: { ride: { S: FilterRule.beginsWith('j') } },
            NewImage: { [continuesAttribute]: { BOOL: FilterRule.notExists() } },
          },
        },
        { dynamodb: { NewImage: { finishedAt: { N: FilterRule.exists() } } } },
      ],
    });
    this.onJournal = fn;
  }
}
