import type { Identity } from '../contract/identity';
import { type ArrivalPage, type ArrivalRequest, arrivalPage } from './arrival';
import type { JournalReads } from './arrival-store';
import { answerBytes } from './decide';
import type { Format } from './formats';
import type { TrackReads } from './read-store';
import { ANSWER_BYTES, EXPANSION, notFound, readingOf, type TrackReader } from './reader';

/** Reads tracks in the order in which their points arrived. What is not stored yet comes when it is. */
export class ArrivalReader {
  constructor(
    private readonly journal: Pick<JournalReads, 'entries'>,
    private readonly reads: Pick<TrackReads, 'hasTrack' | 'isReporter'>,
    private readonly reader: Pick<TrackReader, 'hasTail'>,
  ) {}

  /**
   * For owners and operators a page costs one query of the journal, and where it starts and finds nothing one or two
   * calls more. A feeder has to be looked up in the registry each time.
   * @throws NotFound (`track_not_found`) where there is nothing that the caller may know of
   */
  async page({ device, task, after, limit }: ArrivalRequest, format: Format, identity: Identity): Promise<ArrivalPage> {
    const reading = readingOf(identity, device);
    if (!reading.all && !(await this.reads.isReporter(device, task, reading.reporter))) throw notFound();
    const page = await arrivalPage((...range) => this.journal.entries(device, task, ...range), task, after, {
      points: limit,
      bytes: ANSWER_BYTES,
      measure: (point) => answerBytes(point, EXPANSION[format]),
    });
    if (page.known) return page;
    const under = (await this.reader.hasTail(device, task)) || (await this.reads.hasTrack(device, task));
    if (!under) throw notFound();
    return page;
  }
}
