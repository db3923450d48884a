export { evaluate } from './evaluate';
export { denialMessage } from './message';
export { parsePolicy } from './parse';
export { type Grant, Roles } from './roles';
export { type AccessRequest, type Decision, type Policies, type Policy, PolicyError, type StatementRef } from './types';
