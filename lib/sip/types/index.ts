/**
 * Interface of SIP to `lib/calls`: plain data and small verbs. No type of the SIP core underneath leaves this layer.
 */
export type { RegistrationReport, RegistrationRoutes, RegistrationState } from '../registration/types';
export type * from './caller';
export type * from './message';
export type * from './endpoint';
export type * from './invite';
export type * from './dialog';
export type * from './request';
