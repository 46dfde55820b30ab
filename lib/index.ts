/**
 * The library: phones that make, take and judge calls without Node-RED. Everything begins with `createWorld()`; what is
 * exported here is public, documented in docs/library.md, and nothing else is.
 */
export { createWorld, createNullMediaEngine } from './calls';
export type * from './calls';
export { SipflowError, type ErrorCode, type Failure } from './common/errors';
