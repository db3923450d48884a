import type { Ride } from '../../lambdas/contract/rides';
import type { Reading } from './follow';
import { inTime } from './format';
import type { RideName } from './ride-api';
import type { Span } from './track';

/** What is known of the ride that the page was opened for. */
export interface Known extends RideName {
  /** Undefined until an answer has come. */
  reading: Reading | undefined;
  /** Points read. */
  points: number;
  /** Undefined as long as it is not known, or does not exist. */
  ride: Ride | undefined;
  /** Why it will never be read. */
  refused: string | undefined;
}

/** @returns what is said where the track would be; undefined where there is a track */
export function messageOf({ owner, task, reading, points, ride, refused }: Known): string | undefined {
  if (points > 0) return undefined;
  if (refused !== undefined) return refused;
  if (reading === undefined) return 'Reading the track…';
  if (reading === 'lost') return 'The API does not answer. Trying again…';
  if (reading === 'missing' && !ride) {
    return `There is no ride “${task}” of “${owner}”, or it is not yours to see. Should it begin, it shows here by itself.`;
  }
  return 'Nothing yet: no point of this ride has arrived. The first one shows here by itself.';
}

/** @returns how it stands with the ride and with the line to the API: a word for the style, and words to read */
export function stateOf({ reading, points, ride, refused }: Known): { state: string; words: string } {
  if (refused !== undefined) return { state: 'lost', words: 'not readable' };
  if (reading === 'lost') return { state: 'lost', words: 'connection lost, trying again…' };
  if (reading === undefined) return { state: 'connecting', words: 'connecting…' };
  if (ride?.state === 'finished') return { state: 'finished', words: 'finished' };
  if (!ride && points === 0) return { state: 'connecting', words: 'not known' };
  return { state: 'open', words: 'going on · new points show by themselves' };
}

/** What is known of the corrected track. */
export interface Correction {
  /** Why there is none to be had. */
  problem?: string | undefined;
  points: number;
  /** Up to when it goes, exclusive, epoch ms. */
  until: number | undefined;
}

/** @returns what is said of the corrected track where it was asked for and is not whole; empty where all is well */
export function correctionWords(correction: Correction | undefined, raw: Span | undefined, zone?: string): string {
  if (!correction) return 'Reading the corrected track…';
  if (correction.problem !== undefined) return `No corrected track: ${correction.problem} The raw one is shown.`;
  if (correction.points === 0) return 'Not corrected yet: the raw track is shown until it is.';
  const { until } = correction;
  if (!raw || until === undefined || until > raw.to) return '';
  return `Corrected up to ${inTime(until, zone)}; what came later will be.`;
}
