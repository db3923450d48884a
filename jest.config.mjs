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
export default {
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(system|browser)/'],
    },
    { ...base, displayName: 'system', testMatch: ['<rootDir>/test/system/**/*.test.ts'] },
    { ...base, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.test.ts'] },
  ],
};
