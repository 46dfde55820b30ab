/** What is to be checked. Values are evaluated already. */
export interface CheckSpec {
  /** Name of a subject of `CHECK_SUBJECTS`. */
  subject: string;
  /** Header field, sound source, property or expression, for subjects that need one. */
  name?: string;
  /** SIP message of `header` and `sdp`: `INVITE`, `200`, `200 BYE`; blank: the latest that has it. */
  message?: string;
  /** Name of an operator of `CHECK_OPERATORS`. */
  operator: string;
  /** A list of two for `between`; none for `exists` and `absent`. */
  value?: unknown;
  /** `error` when absent. */
  severity?: 'error' | 'warning';
}

/** The message that asks for a check. */
export interface MessageFacts {
  readonly msg: unknown;
  /** Value of a JSONata expression on it; absent where no expression can be evaluated. */
  evaluate?(expression: string): unknown;
}
