/** Trust of a phone: which hosts get its credentials, may have it place calls, and may call it at all. */
export { AllowedCallers } from './allowed-callers';
export type { KnownHost } from './known-host';
export { OwnServers } from './own-servers';
export { ALWAYS, Trust, type DialogOrigin } from './trust';
