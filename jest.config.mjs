const swc = {
  jsc: { parser: { syntax: 'typescript', tsx: true }, target: 'es2022' },
  module: { type: 'commonjs' },
};
const base = {
  testEnvironment: 'node',
  transform: { '^.+\\.(m?[jt]sx?)$': ['@swc/jest', swc] },
  transformIgnorePatterns: ['node_modules/(?!(jose)/)'],
  modulePathIgnorePatterns: ['<rootDir>/(cdk.out|dist|.engines|.waystream)/'],
};
/** What looks at templates shares them. */
const templates = {
  globalSetup: '<rootDir>/test/infrastructure/setup.ts',
  globalTeardown: '<rootDir>/test/infrastructure/teardown.ts',
};
/** What needs a running stack shares one, started by the first test that asks for it. */
const stack = { globalSetup: '<rootDir>/test/system/setup.ts', globalTeardown: '<rootDir>/test/system/teardown.ts' };

export default {
  // What hangs is to be noticed, and a slow machine not to fail for being slow.
  testTimeout: 30_000,
  reporters: ['<rootDir>/test/system/log-reporter.mjs', 'default'],
  projects: [
    {
      ...base,
      ...templates,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(system|browser|faults)/'],
    },
    { ...base, ...stack, displayName: 'system', testMatch: ['<rootDir>/test/system/**/*.test.ts'] },
    { ...base, ...stack, displayName: 'faults', testMatch: ['<rootDir>/test/faults/*.test.ts'] },
    { ...base, ...stack, displayName: 'long-faults', testMatch: ['<rootDir>/test/faults/long/*.test.ts'] },
    { ...base, ...stack, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.test.ts'] },
  ],
};
