/** Registration of one contact (RFC 3261, 10.2; RFC 3327, RFC 3608) as a state machine. */
export { Registration, type RegistrationOptions } from './registration';
export type {
  RegisterOutcome,
  RegisterRequest,
  RegistrationReport,
  RegistrationRoutes,
  RegistrationState,
  SendRegister,
} from './types';
