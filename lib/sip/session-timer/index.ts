/** Session timers (RFC 4028): negotiation as pure functions, and the timers of one dialog. */
export { parseSessionExpires, readSessionFields, type SessionFields } from './headers';
export {
  judgeRequest,
  raiseAfter422,
  readAnswer,
  requestHeaders,
  type SessionAgreement,
  type SessionHeader,
  type SessionTimerSettings,
  type SessionVerdict,
} from './negotiation';
export {
  DialogSession,
  judge,
  raisedPolicy,
  sessionPolicy,
  type DialogSessionHost,
  type SessionPolicy,
} from './dialog-session';
export { SessionTimer, type SessionTimerOptions } from './session-timer';
