import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { asyncApiDocument } from '../contract/asyncapi';
import { NotFound } from '../contract/errors';
import { openApiDocument } from '../contract/openapi';
import { readEnvironment } from '../platform/environment';
import { type HttpAnswer, json, problemAnswer } from '../platform/http';
import { referenceEnv } from './env';

const env = readEnvironment(referenceEnv);
const forAnHour = { 'cache-control': 'public, max-age=3600' };

/** Answers the API's own description, its health, and a problem for every path that it doesn't have. */
export const handler = async (event: APIGatewayProxyEventV2): Promise<HttpAnswer> => {
  switch (event.routeKey) {
    case 'GET /v1/health':
      return json(200, { status: 'ok', serverTime: Date.now() }, { 'cache-control': 'no-store' });
    case 'GET /v1/openapi.json':
      return json(200, openApiDocument(`https://${event.requestContext.domainName}`), forAnHour);
    case 'GET /v1/asyncapi.json':
      return json(200, asyncApiDocument(env.SOCKET_URL), forAnHour);
    default:
      return problemAnswer(
        new NotFound('There is nothing here. GET /v1/openapi.json tells what there is.', 'no_such_path'),
      );
  }
};
