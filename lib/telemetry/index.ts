/** What a running program tells of itself: metrics, and copies of its messages for a collector of HEP. */
export { createTelemetry } from './telemetry';
export { hepDestination } from './hep/destination';
export type * from './types';
