import { z } from 'zod';
import type { Partition } from '../../lambdas/contract/partition';
import { partitionOf } from '../../lambdas/search/documents';
import { findPage, type OpenStage } from '../../lambdas/search/page';
import { isWanted } from '../../lambdas/search/plan';
import type { Search } from '../../lambdas/search/request';
import { searchRows } from '../../lambdas/search/row-index';
import { rowsQuery } from '../../lambdas/search/rows-query';
import { seeded } from '../random';
import type { Node } from './node';
import type { Recording } from './sets';

const HOUR_MS = 3_600_000;
const LIMIT = 1_000;
const DEVICES = 50;
/**
 * Half the width and height of the box, in degrees: some 4 km × 4 km. Its edges lie between the recording's steps of
 * 1e-5: the index rounds coordinates to 8e-8, so it is at a loss with what lies on an edge.
 */
const HALF = { lon: 0.021004, lat: 0.018004 };

/** Boxes around places where vehicles were, each with the hour around it, and fifty of the devices. */
export function searchesOf(recording: Recording, count: number): Search[] {
  const random = seeded(7);
  const devices = [...new Set(recording.map(({ device }) => device))].sort();
  return Array.from({ length: count }, () => {
    const { lat, lon, time } = recording[Math.floor(random() * recording.length)] ?? { lat: 0, lon: 0, time: 0 };
    const shuffled = devices.map((device) => ({ device, at: random() })).sort((a, b) => a.at - b.at);
    const box = { west: lon - HALF.lon, east: lon + HALF.lon, south: lat - HALF.lat, north: lat + HALF.lat };
    return {
      from: time - HOUR_MS / 2,
      to: time + HOUR_MS / 2,
      devices: shuffled
        .slice(0, DEVICES)
        .map(({ device }) => device)
        .sort(),
      area: { kind: 'box', box },
      sort: 'time',
      near: undefined,
      limit: LIMIT,
    };
  });
}

export function partitionsOf(recording: Recording): Partition[] {
  const found = new Map(recording.map((point) => partitionOf(point)).map((partition) => [partition.index, partition]));
  return [...found.values()].sort((a, b) => a.from - b.from || (a.city < b.city ? -1 : 1));
}

/** As the product searches, from the partitions on: pages until there are no more. @returns hits */
export async function searchByRows(node: Node, search: Search, all: readonly Partition[]): Promise<number> {
  const partitions = all.filter((partition) => isWanted(partition, search));
  const open: OpenStage = (asked, stage, order) => {
    const indices = stage.partitions.flatMap(({ index }) => index ?? []);
    return async (after) => {
      const rows = await searchRows(node.client, indices, rowsQuery(asked, stage, order, LIMIT, after));
      return { rows, more: rows.length === LIMIT };
    };
  };
  const page = await findPage(search, partitions, undefined, open);
  return page.hits.length;
}

const answerSchema = z.object({ hits: z.object({ hits: z.array(z.unknown()) }) });

/** The same of one document a point: one request. @returns hits */
export async function searchByPoints(node: Node, search: Search, all: readonly Partition[]): Promise<number> {
  if (search.area?.kind !== 'box') throw new TypeError('boxes only');
  const { west, south, east, north } = search.area.box;
  const index = all
    .filter((partition) => isWanted(partition, search))
    .map((partition) => (partition.index ?? '').replace('positions', 'points'));
  const { body } = await node.client.search({
    index: index.join(),
    body: {
      size: LIMIT,
      track_total_hits: false,
      query: {
        bool: {
          filter: [
            { range: { time: { gte: search.from, lt: search.to } } },
            { terms: { device: [...(search.devices ?? [])] } },
            { geo_bounding_box: { location: { top: north, left: west, bottom: south, right: east } } },
          ],
        },
      },
      sort: [{ time: { order: 'asc' } }, { device: { order: 'asc' } }, { task: { order: 'asc' } }],
    },
  });
  return answerSchema.parse(body).hits.hits.length;
}
