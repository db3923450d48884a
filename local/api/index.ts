/** The API gateways of the local stack. */
export { gatewayAttributes, gatewayTypes } from './attributes';
export { startApi } from './server';
export * from './types';
