import { Readable } from 'node:stream';
import type { ImportReport } from '../contract/imports';
import type { Moment } from '../contract/objection';
import type { StreamWriter } from '../platform/stream-writer';
import { type Reading, readFile } from './read';
import { Sender } from './sender';
import { type Findings, Survey } from './survey';

export interface ImportMeans {
  owner: string;
  stream: Pick<StreamWriter, 'put'>;
  circumstances: Moment;
  /** When the function has to end (epoch ms). */
  deadline: number;
  wait?: (ms: number) => Promise<unknown>;
}

/** What there is to report once a file is read. */
export type Outcome = Omit<ImportReport, 'id' | 'createdAt' | 'startedAt' | 'finishedAt'>;

/**
 * Imports a file. It is read twice: first to its end, which says whether it is taken and what its rides are called;
 * then each point is sent. A ride's name is made of its points, so the same file, read again at any time, writes the
 * same points to the same tracks.
 * @returns what to report @throws StreamUnavailable where the stream took nothing until the deadline
 */
export async function importFile(file: readonly Uint8Array[], means: ImportMeans): Promise<Outcome> {
  const survey = new Survey(means.circumstances);
  const reading = await readFile(Readable.from(file, { objectMode: true }), survey);
  const findings = survey.findings();
  if (reading.refused || findings.accepted === 0) return nothingOf(reading, findings);
  await sendAll(file, findings.tasks, means);
  const { rides, accepted, refused, ignored } = findings;
  return { state: 'imported', ...ending(reading), accepted, rides, refused, ignored };
}

async function sendAll(file: readonly Uint8Array[], tasks: readonly string[], means: ImportMeans): Promise<void> {
  const { owner, stream, deadline, wait } = means;
  const sender = new Sender({ device: owner, tasks, stream, deadline, ...(wait && { wait }) });
  const again = new Survey(means.circumstances, (ride, position) => sender.add(ride, position));
  await readFile(Readable.from(file, { objectMode: true }), again, () => sender.flush());
  await sender.end();
}

const ending = ({ format, complete, problem }: Reading) => ({
  complete,
  ...(format && { format }),
  ...(problem && { problem }),
});

function nothingOf(reading: Reading, { refused, ignored }: Findings): Outcome {
  const nothing = { code: 'nothing_valid', detail: 'No point of the file could be taken; “refused” says why.' };
  return {
    state: 'failed',
    ...ending(reading),
    problem: reading.problem ?? nothing,
    accepted: 0,
    rides: [],
    refused,
    ignored,
  };
}
