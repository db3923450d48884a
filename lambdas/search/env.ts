import { z } from 'zod';

/** Empty where the environment has no search domain: searches answer 503 `search_unavailable`. */
const endpoint = z.union([z.literal(''), z.url()]);

export const indexEnv = z.object({ SEARCH_ENDPOINT: z.url(), PARTITIONS_TABLE: z.string(), AWS_REGION: z.string() });

export const searchEnv = z.object({ SEARCH_ENDPOINT: endpoint, PARTITIONS_TABLE: z.string(), AWS_REGION: z.string() });

export const searchSocketEnv = z.object({ ...searchEnv.shape, SOCKET_ENDPOINT: z.url() });
