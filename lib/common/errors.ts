/**
 * The one list of error codes that users meet in `err.code` and `msg.failure.code`.
 * Codes are public API: add, never rename.
 */
export const ERROR_CODES = [
  'BAD_CONFIG',
  'BAD_TARGET',
  'BAD_DIGITS',
  'BAD_AUDIO',
  'FILE_NOT_FOUND',
  'FILE_ACCESS',
  'NO_VOICE',
  'SPEECH_FAILED',
  'BAD_REPORT',
  'NO_INSTANCE',
  'INSTANCE_NOT_READY',
  'CALL_UNKNOWN',
  'CALL_ENDED',
  'CALL_STATE',
  'CALL_REJECTED',
  'REQUEST_REJECTED',
  'MEDIA_NOT_READY',
  'NO_COMMON_CODEC',
  'SRTP_NOT_NEGOTIATED',
  'DTMF_NOT_NEGOTIATED',
  'RTP_PORTS_EXHAUSTED',
  'MAX_CALLS',
  'CONFERENCE_FULL',
  'TRANSPORT',
  'TLS',
  'AUTH',
  'DNS',
  'TIMEOUT',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * Every fault that a user can meet. The message is a sentence that says what to do;
 * `cause` keeps the underlying error for the log.
 */
export class SipflowError extends Error {
  override readonly name = 'SipflowError';

  /** The setting, option or argument that is wrong or that would help, by its name in the library. */
  readonly field?: string;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { cause?: unknown; field?: string } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    if (options.field !== undefined) this.field = options.field;
  }

  /** The sentence alone: Node-RED writes `String(error)` into what Catch nodes get. */
  override toString(): string {
    return this.message;
  }

  /** Plain data for `msg.failure` and for messages between threads. */
  toFailure(): Failure {
    return { code: this.code, message: this.message };
  }
}

/** Failure in `msg.failure` of a `failed` output. */
export interface Failure {
  code: ErrorCode;
  message: string;
}

/** Makes a SipflowError of anything thrown; what is already one passes through unchanged. */
export function toSipflowError(error: unknown, code: ErrorCode = 'INTERNAL'): SipflowError {
  if (error instanceof SipflowError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new SipflowError(code, message, { cause: error });
}
