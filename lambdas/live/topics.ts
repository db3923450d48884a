import { limits } from '../contract/limits';
import type { Box } from '../geo/area';
import { cellAt, cellsOf, countCells } from '../geo/cells';
import type { LatLon } from '../geo/distance';
import type { Subscription } from './subscription';

/**
 * The levels of the grid that viewports are cut into, coarsest first: few, so that a position has few topics to look
 * up. The world has 64 cells at level 3; at level 15 a cell is 1.2 km wide at the equator.
 */
export const viewportLevels = [3, 5, 7, 9, 11, 13, 15] as const;

/** @returns the finest of the levels at which the box touches no more cells than a viewport may have */
export function viewportLevel(box: Box): number {
  return viewportLevels.findLast((level) => countCells(box, level) <= limits.cellsPerViewport) ?? viewportLevels[0];
}

const cellTopic = (cell: string) => `cell:${cell}`;
const deviceTopic = (device: string) => `device:${device}`;

/** What a topic's subscribers have in common: the level of a cell, or 0 for devices. Empty ones need no look-up. */
export type Kind = number;
export const DEVICE_KIND = 0;

/** @returns the topics that a subscription stands in: every place in its box is in the cell of one of them */
export function topicsOf(follows: Subscription['follows']): { kind: Kind; topics: string[] } {
  if ('device' in follows) return { kind: DEVICE_KIND, topics: [deviceTopic(follows.device)] };
  const level = viewportLevel(follows);
  return { kind: level, topics: cellsOf(follows, level).map(cellTopic) };
}

/** @returns the topics whose subscribers may follow a device that stands, or stood, at these places */
export function topicsAt(device: string, places: LatLon[], kinds: ReadonlySet<Kind>): Set<string> {
  const topics = new Set<string>();
  if (kinds.has(DEVICE_KIND)) topics.add(deviceTopic(device));
  for (const level of viewportLevels) {
    if (kinds.has(level)) for (const place of places) topics.add(cellTopic(cellAt(place, level)));
  }
  return topics;
}
