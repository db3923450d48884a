/**
 * What a test takes in the complete run (`npm run test:all`), and what it takes in `npm test`: less data with the same
 * properties.
 */
export function exhaustive<T>(complete: T, otherwise: T): T {
  return process.env.WAYSTREAM_TESTS === 'all' ? complete : otherwise;
}
