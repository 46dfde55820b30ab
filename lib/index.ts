/**
 * The library: phones that make and take calls, without Node-RED. Everything begins with `createWorld`. What is exported
 * here is public and described in docs/library; nothing else is.
 */
export { createWorld, createNullMediaEngine } from './calls';
export type * from './calls';
export { SipflowError, type ErrorCode, type Failure } from './common';
export {
  LADDER_LIMITS,
  escapeMarkdown,
  escapeMermaid,
  escapeTerminal,
  escapeXml,
  ladderJson,
  ladderMermaid,
  ladderOf,
  ladderSvg,
  ladderText,
  mergePcaps,
  pcapOf,
  readPcap,
} from './evidence';
export type * from './evidence';
export { createTelemetry } from './telemetry';
export type * from './telemetry';
