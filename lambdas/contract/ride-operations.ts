import type { Operation } from './operations';
import {
  rideBodySchema,
  rideHeadSchema,
  ridePathSchema,
  rideQuerySchema,
  rideSchema,
  ridesPageSchema,
  ridesQuerySchema,
} from './rides';

/** Rides: tasks with an activity, and what their points say. */
export const rideOperations: Operation[] = [
  {
    method: 'post',
    path: '/v1/rides',
    id: 'beginRide',
    tag: 'Rides',
    summary: 'Begin a ride',
    description:
      'Names the task that the ride’s points will have, and its activity. The same again changes nothing. Points need ' +
      'no ride begun: a task that has points has a ride, and devices that name no task have one a local day.',
    body: { schema: rideBodySchema, examples: { cycling: { task: 'ride-1', activity: 'cycling' } } },
    success: { status: 201, description: 'The ride; 200 where it was known before.', schema: rideHeadSchema },
    problems: {
      400: ['malformed_json', 'required', 'wrong_type', 'unknown_field', 'invalid'],
      403: ['role_missing', 'token_subject'],
      409: ['ride_exists'],
      413: ['too_large'],
      415: ['unsupported_media_type'],
    },
  },
  {
    method: 'post',
    path: '/v1/rides/{task}/finish',
    id: 'finishRide',
    tag: 'Rides',
    summary: 'Finish a ride',
    description: 'A second time it answers the same. Points that come late are counted all the same.',
    pathParameters: ridePathSchema,
    success: { status: 200, description: 'The ride.', schema: rideHeadSchema },
    problems: { 400: ['invalid_parameter'], 403: ['role_missing', 'token_subject'], 404: ['ride_not_found'] },
  },
  {
    method: 'get',
    path: '/v1/rides',
    id: 'rides',
    tag: 'Rides',
    summary: 'Rides, newest first',
    query: ridesQuerySchema,
    success: { status: 200, description: 'A page of them, with statistics.', schema: ridesPageSchema },
    problems: {
      400: ['invalid_parameter', 'unknown_parameter', 'invalid_cursor', 'foreign_cursor'],
      403: ['not_yours', 'token_subject'],
    },
  },
  {
    method: 'get',
    path: '/v1/rides/{task}',
    id: 'ride',
    tag: 'Rides',
    summary: 'A ride and its statistics so far',
    pathParameters: ridePathSchema,
    query: rideQuerySchema,
    success: { status: 200, description: 'The ride.', schema: rideSchema },
    problems: {
      400: ['invalid_parameter', 'unknown_parameter'],
      403: ['not_yours', 'token_subject'],
      404: ['ride_not_found'],
    },
  },
];
