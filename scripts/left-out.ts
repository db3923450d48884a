import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { OnLoadResult, Plugin } from 'esbuild';

/** Something that packages bring along, that no function can come to, and that no bundler can tell is unused. */
interface Piece {
  /** paths of its files, with forward slashes */
  files: RegExp;
  /** what stands in their place */
  standIn: string;
}

/** Functions that say why they aren't there when they are called after all. */
const missing = (...names: string[]): string =>
  names.map((name) => `export function ${name}() { throw new Error('${name} is left out of bundles'); }`).join('\n');

/** Commands that ioredis sends by itself on connecting; the product's own go by `call`, which needs no list. */
const handshake = ['auth', 'hello', 'client', 'select', 'info', 'readonly'];
const command = { arity: -1, flags: ['loading', 'stale'], keyStart: 0, keyStop: 0, step: 0 };

/** Fifty languages, 260 KB: messages are English. */
const zodLocales: Piece = {
  files: /\/zod\/v4\/locales\/index\.js$/,
  standIn: "export { default as en } from './en.js';",
};

/** Schemas as JSON Schema, 20 KB: only the API's own description asks for them. */
const zodJsonSchema: Piece[] = [
  {
    // An ES module to the bundler, as all of zod: `module.exports` would be that of the whole bundle.
    files: /\/zod\/v4\/core\/json-schema-processors\.js$/,
    standIn: `${missing('toJSONSchema')}\nexport const allProcessors = {};`,
  },
  {
    files: /\/zod\/v4\/core\/to-json-schema\.js$/,
    standIn: `${missing('initializeContext', 'process', 'processSchema', 'extractDefs', 'finalize')}
      export const createToJSONSchemaMethod = () => process;
      export const createStandardJSONSchemaMethod = () => process;`,
  },
];

/** Five hundred calls of OpenSearch, 190 KB; whatever else is sent goes by `transport.request`. */
const openSearchApi: Piece = {
  files: /\/opensearch\/api\/OpenSearchApi\.js$/,
  standIn: `const { kConfigErr } = require('./utils');
    module.exports = class {
      constructor(options) {
        this[kConfigErr] = options.ConfigurationError;
        this.msearch = require('./_core/msearch').bind(this);
        this.indices = {
          exists: require('./indices/exists').bind(this),
          putIndexTemplate: require('./indices/putIndexTemplate').bind(this),
        };
      }
    };`,
};

const others: Piece[] = [
  // Scrolling and bulk loops; rows are read and written in requests of bounded size instead.
  { files: /\/opensearch\/lib\/Helpers\.js$/, standIn: 'module.exports = class {};' },
  {
    files: /\/opensearch\/lib\/ProxyAgent\.js$/,
    standIn: 'exports.HttpProxyAgent = class {}; exports.HttpsProxyAgent = class {};',
  },
  // JSON with integers past 2^53, 27 KB: no field has one.
  { files: /\/json11\//, standIn: missing('parse', 'stringify') },
  // One endpoint holds every slot (platform/valkey.ts): no clusters, no sentinels, no certificates of Redis's cloud.
  {
    files: /\/ioredis\/built\/(cluster|connectors\/SentinelConnector)\/index\.js$/,
    standIn: 'exports.default = class {};',
  },
  { files: /\/ioredis\/built\/constants\/TLSProfiles\.js$/, standIn: 'exports.default = {};' },
  // Commands of sets of hashes that one may declare, and pipelines that nobody opens: each round trip has its own.
  {
    files: /\/ioredis\/built\/himport\/HimportCoordinator\.js$/,
    standIn: `exports.hasHimportCoordinator = Symbol('hasHimportCoordinator');
      exports.cloneHimportFieldsets = exports.getHimportBinding = () => undefined;
      exports.interceptHimportPipeline = exports.interceptHimportCommand = exports.isInternalHimportCommand = () => false;`,
  },
  {
    files: /\/ioredis\/built\/autoPipelining\.js$/,
    standIn: 'exports.shouldUseAutoPipelining = () => false;',
  },
  // For Node.js 6.
  { files: /\/redis-errors\/lib\/old\.js$/, standIn: 'module.exports = undefined;' },
  {
    files: /\/@ioredis\/commands\/built\/commands\.json$/,
    standIn: `module.exports = ${JSON.stringify(Object.fromEntries(handshake.map((name) => [name, command])))};`,
  },
  // Streams within a call of the SDK: Lambda reads the streams, functions don't.
  {
    files: /\/@smithy\/core\/dist-es\/submodules\/event-streams\/index\.js$/,
    standIn: `${missing('EventStreamSerde')}
      export const eventStreamSerdeProvider = () => undefined;
      export const resolveEventStreamSerdeConfig = (config) => config;`,
  },
  // Addresses that DynamoDB tells; only asked for where AWS_ENABLE_ENDPOINT_DISCOVERY is set.
  { files: /\/@aws-sdk\/endpoint-cache\/dist-es\/index\.js$/, standIn: 'export class EndpointCache {}' },
  // Rules for every partition, FIPS, consumers' and accounts' own hosts, 20 KB: functions put to their region's streams.
  {
    files: /\/@aws-sdk\/client-kinesis\/dist-es\/endpoint\/endpointResolver\.js$/,
    standIn: `const suffix = (region) => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');
      export const defaultEndpointResolver = ({ Endpoint, Region }) =>
        ({ url: new URL(Endpoint ?? \`https://kinesis.\${Region}.\${suffix(Region)}\`) });`,
  },
  // The user agent asks there for a prefix that nobody sets, and would hold on to the list of all partitions, 5 KB.
  {
    files: /\/util-endpoints\/lib\/aws\/partition\.js$/,
    standIn: `import { partitionsInfo } from './partitions';
      ${missing('setPartitionInfo', 'useDefaultPartitionInfo')}
      export const getUserAgentPrefix = () => '';
      export const partition = (region) => {
        const { partitions } = partitionsInfo;
        const found =
          partitions.find(({ regions }) => Object.hasOwn(regions, region)) ??
          partitions.find(({ regionRegex }) => new RegExp(regionRegex).test(region)) ??
          partitions.find(({ id }) => id === 'aws');
        return { ...found.outputs, ...found.regions[region] };
      };`,
  },
  // Registers itself on import, as each client that has use for it does once more: here nobody who has none.
  {
    files: /\/util-endpoints\/aws\.js$/,
    standIn: `import { isVirtualHostableS3Bucket } from './lib/aws/isVirtualHostableS3Bucket';
      import { parseArn } from './lib/aws/parseArn';
      import { partition } from './lib/aws/partition';
      export const awsEndpointFunctions = { isVirtualHostableS3Bucket, parseArn, partition };`,
  },
  // SHA-256 in JavaScript, for where there is none; Node.js has its own.
  { files: /\/checksum\/sha256\/Sha256Js\.js$/, standIn: 'export class Sha256Js {}' },
  {
    files: /\/@aws-crypto\/sha256-js\/build\/module\/index\.js$/,
    standIn: "export { Sha256 } from '@smithy/core/checksum';",
  },
  // A way of trying again that nobody chooses, and where a server on EC2 would ask for its region.
  { files: /\/util-retry\/AdaptiveRetryStrategy\.js$/, standIn: 'export class AdaptiveRetryStrategy {}' },
  { files: /\/util-retry\/DefaultRateLimiter\.js$/, standIn: 'export class DefaultRateLimiter {}' },
  { files: /\/regionConfig\/getInstanceMetadataRegion\.js$/, standIn: missing('getInstanceMetadataRegion') },
  // HTTP/2, which the client of Kinesis would speak if it were not given a handler (platform/clients.ts).
  {
    files: /\/node-http-handler\/dist-es\/node-http2-handler\.js$/,
    standIn: 'export class NodeHttp2Handler { static create(handler) { return handler; } }',
  },
  // Listens to a variable that nobody sets.
  {
    files: /\/debug\/src\/index\.js$/,
    standIn: 'module.exports = () => () => undefined; module.exports.default = module.exports;',
  },
];

/** A client reads its version there, and would carry its scripts and dependencies along. */
async function onlyVersion(path: string): Promise<OnLoadResult> {
  const { name, version } = JSON.parse(await readFile(path, 'utf8'));
  return { contents: JSON.stringify({ name, version }), loader: 'json' };
}

/**
 * Leaves out of bundles what functions never come to. The system tests run the bundles, so a mistake here is seen.
 * @param describes whether a function tells its schemas as JSON Schema
 */
export function leftOut({ describes }: { describes: boolean }): Plugin {
  const pieces = [zodLocales, openSearchApi, ...others, ...(describes ? [] : zodJsonSchema)];
  return {
    name: 'left-out',
    setup({ onLoad, onResolve }) {
      onLoad({ filter: /node_modules/ }, ({ path }) => {
        const slashed = path.replaceAll('\\', '/');
        if (slashed.endsWith('/package.json')) return onlyVersion(path);
        const piece = pieces.find(({ files }) => files.test(slashed));
        return piece && { contents: piece.standIn, loader: 'js', resolveDir: dirname(path) };
      });
      // The SDK's chain of credential providers, 120 KB: a function has its role's keys in its environment.
      onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
        path: resolve('lambdas/platform/credentials.ts'),
      }));
    },
  };
}

/**
 * `import { z }` holds on to all of zod, 80 KB more: esbuild can't look through a namespace that is exported again.
 * A namespace that is imported as such it can.
 */
export const onlyUsedZod: Plugin = {
  name: 'only-used-zod',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]lambdas[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { contents: text.replace("import { z } from 'zod';", "import * as z from 'zod';"), loader: 'ts' };
    });
  },
};
