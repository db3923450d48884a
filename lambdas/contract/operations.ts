import type { z } from 'zod';
import { credentialsRequestSchema, directWriteSchema } from './credentials';
import { deviceOperations } from './device-operations';
import { fileOperations } from './file-operations';
import {
  devicePathSchema,
  deviceTracksQuerySchema,
  healthSchema,
  latestSchema,
  nearbyQuerySchema,
  nearbySchema,
  searchPageSchema,
  searchQuerySchema,
  ticketSchema,
  trackPageSchema,
  trackPathSchema,
  trackQuerySchema,
} from './reads';
import { receiptSchema, reportSchema } from './reports';
import { rideOperations } from './ride-operations';

/** One HTTP operation as documented; the OpenAPI document is made of these. */
export interface Operation {
  method: 'get' | 'post' | 'delete';
  path: string;
  id: string;
  tag: 'Positions' | 'Apps' | 'DirectWrite' | 'Latest' | 'Tracks' | 'Rides' | 'Files' | 'Search' | 'Live' | 'Reference';
  summary: string;
  description?: string;
  pathParameters?: z.ZodObject;
  query?: z.ZodObject;
  body?: { schema: z.ZodType; examples: Record<string, unknown> };
  /** Status and schema of the answer where all went well. */
  success: { status: number; description: string; schema?: z.ZodType; mediaTypes?: string[] };
  /** Statuses of problems it can answer, with their codes. */
  problems: Record<number, string[]>;
  open?: boolean;
  /** Opened by a device key in place of a token, and where the request has it. */
  key?: 'header' | 'path';
}

const trackFormats = ['application/geo+json', 'application/gpx+xml', 'text/csv'];
const token = { 403: ['token_subject'] };
const busy = { 503: ['rate_limited', 'stream_unavailable'] };
const away = { 503: ['store_unavailable'] };

export const operations: Operation[] = [
  {
    method: 'post',
    path: '/v1/positions',
    id: 'reportPositions',
    tag: 'Positions',
    summary: 'Report positions',
    description:
      'A device reports its own points; a feeder reports for many devices. Each point is judged alone. ' +
      'What is answered as accepted is never lost. Sending a point again changes nothing.',
    body: {
      schema: reportSchema,
      examples: {
        device: { points: [{ time: 1763719200000, lat: 41.1496, lon: -8.6109, speed: 8.2, heading: 270 }] },
        feeder: {
          devices: [
            { deviceId: 'taxi-20000589', taskId: 'trip-1', points: [{ time: 1763719200000, lat: 41.15, lon: -8.61 }] },
          ],
        },
      },
    },
    success: {
      status: 202,
      description: 'What was accepted and what was refused, point by point.',
      schema: receiptSchema,
    },
    problems: {
      400: [
        'malformed_json',
        'required',
        'wrong_type',
        'unknown_field',
        'invalid',
        'too_small',
        'too_many_points',
        'too_many_devices',
      ],
      403: ['role_missing', 'token_subject'],
      413: ['too_large'],
      415: ['unsupported_media_type'],
      422: ['nothing_valid'],
      ...busy,
    },
  },
  ...deviceOperations,
  ...fileOperations,
  ...rideOperations,
  ...fileOperations,
  {
    method: 'get',
    path: '/v1/devices/{id}/position',
    id: 'latestPosition',
    tag: 'Latest',
    summary: 'The newest position of a device',
    description: 'For the device itself, operators, and the feeder that reported it. To anyone else it does not exist.',
    pathParameters: devicePathSchema,
    success: { status: 200, description: 'The newest position.', schema: latestSchema },
    problems: {
      400: ['invalid_parameter'],
      ...token,
      404: ['position_not_found'],
      503: ['latest_unavailable', 'store_unavailable'],
    },
  },
  {
    method: 'get',
    path: '/v1/nearby',
    id: 'nearby',
    tag: 'Latest',
    summary: 'Vehicles near a place, nearest first',
    query: nearbyQuerySchema,
    success: { status: 200, description: 'The nearest vehicles.', schema: nearbySchema },
    problems: {
      400: ['invalid_parameter', 'missing_parameter', 'unknown_parameter'],
      403: ['role_missing', 'token_subject'],
      503: ['latest_unavailable'],
    },
  },
  {
    method: 'get',
    path: '/v1/devices/{id}/tracks',
    id: 'deviceTracks',
    tag: 'Tracks',
    summary: 'Where a device was in a range of time, over all its tasks',
    pathParameters: devicePathSchema,
    query: deviceTracksQuerySchema,
    success: { status: 200, description: 'A page of its points.', schema: trackPageSchema, mediaTypes: trackFormats },
    problems: {
      400: [
        'invalid_parameter',
        'missing_parameter',
        'unknown_parameter',
        'empty_range',
        'range_too_long',
        'invalid_cursor',
        'foreign_cursor',
        'too_many_tasks',
      ],
      ...token,
      404: ['track_not_found'],
      ...away,
    },
  },
  {
    method: 'get',
    path: '/v1/tracks/{owner}/{task}',
    id: 'track',
    tag: 'Tracks',
    summary: 'One track',
    pathParameters: trackPathSchema,
    query: trackQuerySchema,
    success: { status: 200, description: 'A page of its points.', schema: trackPageSchema, mediaTypes: trackFormats },
    problems: {
      400: ['invalid_parameter', 'unknown_parameter', 'empty_range', 'invalid_cursor', 'foreign_cursor'],
      ...token,
      404: ['track_not_found'],
      ...away,
    },
  },
  {
    method: 'get',
    path: '/v1/search',
    id: 'search',
    tag: 'Search',
    summary: 'Positions by time, devices and area',
    description: 'For operators; a device searches among its own. `from` inclusive, `to` exclusive.',
    query: searchQuerySchema,
    success: { status: 200, description: 'A page of what was found.', schema: searchPageSchema },
    problems: {
      400: [
        'invalid_parameter',
        'missing_parameter',
        'unknown_parameter',
        'empty_range',
        'range_too_long',
        'too_many_areas',
        'search_too_broad',
        'invalid_cursor',
        'foreign_cursor',
      ],
      403: ['role_missing', 'not_yours', 'token_subject'],
      503: ['search_unavailable', 'store_unavailable'],
    },
  },
  {
    method: 'post',
    path: '/v1/credentials',
    id: 'credentials',
    tag: 'DirectWrite',
    summary: 'Temporary credentials to write the rows of one task without us',
    description:
      'For a device: keys of a session that may add points to its own rows of this task in DynamoDB, and do nothing ' +
      'else. Points so written have the same consequences as reported ones; what could not have been reported is taken ' +
      'out again and counted.',
    body: { schema: credentialsRequestSchema, examples: { ride: { taskId: 'ride-7' } } },
    success: { status: 201, description: 'Credentials, and how to write a row.', schema: directWriteSchema },
    problems: {
      400: ['malformed_json', 'required', 'wrong_type', 'unknown_field', 'invalid'],
      403: ['role_missing', 'not_yours', 'direct_write_suspended', 'token_subject'],
      404: ['task_not_found'],
      413: ['too_large'],
      415: ['unsupported_media_type'],
      503: ['store_unavailable'],
    },
  },
  {
    method: 'post',
    path: '/v1/tickets',
    id: 'ticket',
    tag: 'Live',
    summary: 'A ticket that opens one WebSocket, once, within a minute',
    success: { status: 201, description: 'The ticket.', schema: ticketSchema },
    problems: { ...token, ...away },
  },
  {
    method: 'get',
    path: '/v1/health',
    id: 'health',
    tag: 'Reference',
    summary: 'Whether the API answers, and its clock',
    success: { status: 200, description: 'It answers.', schema: healthSchema },
    problems: {},
    open: true,
  },
  {
    method: 'get',
    path: '/v1/openapi.json',
    id: 'openapi',
    tag: 'Reference',
    summary: 'This document',
    success: { status: 200, description: 'OpenAPI 3.1.' },
    problems: {},
    open: true,
  },
  {
    method: 'get',
    path: '/v1/asyncapi.json',
    id: 'asyncapi',
    tag: 'Reference',
    summary: 'The WebSocket’s messages',
    success: { status: 200, description: 'AsyncAPI 3.' },
    problems: {},
    open: true,
  },
];
