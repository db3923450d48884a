import { credentialsRequestSchema } from '../contract/credentials';
import { NotFound, parseBody } from '../contract/errors';
import { limits } from '../contract/limits';
import { dynamodb, sts } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { httpHandler, json, readJson } from '../platform/http';
import { isCurrentDay, ownDevice, requireTrust, toAnswer } from './decide';
import { credentialsEnv } from './env';
import { Issuer, Standing } from './store';

const env = readEnvironment(credentialsEnv);
const standing = new Standing(dynamodb(), env.RIDES_TABLE);
const issuer = new Issuer(sts(), env.DEVICE_ROLE, env.TRACKS_TABLE_ARN, env.CREDENTIALS_SECONDS);

const place = {
  table: env.TRACKS_TABLE,
  region: env.AWS_REGION,
  endpoint: env.AWS_ENDPOINT_URL,
  retentionDays: env.RETENTION_DAYS,
};

/** POST /v1/credentials: temporary credentials by which a device writes the rows of one task itself. */
export const handler = httpHandler(async ({ event, identity, now }) => {
  const request = parseBody(credentialsRequestSchema, readJson(event, limits.bodyBytes));
  const device = ownDevice(identity, request);
  const task = request.taskId;
  requireTrust(await standing.refused(device, now), env.REFUSED_LIMIT);
  if (!isCurrentDay(task, now) && !(await standing.knows(device, task))) {
    throw new NotFound(
      'You have no such task. Begin it with POST /v1/rides, or report a point of it.',
      'task_not_found',
    );
  }
  const issued = await issuer.issue(device, task);
  const answer = toAnswer(issued, place, { device, task, now, random: Math.random() });
  return json(201, answer, { 'cache-control': 'no-store' });
});
