/** Whom a phone trusts: with its credentials, with calls on its account, and with calling it at all. */
export { AllowedCallers } from './allowed-callers';
export type { KnownHost } from './known-host';
export { OwnServers } from './own-servers';
export { ALWAYS, Trust, type DialogOrigin } from './trust';
