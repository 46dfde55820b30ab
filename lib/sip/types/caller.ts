/** Whether a caller is shown: said to be so (`none`), or withheld (RFC 3323, RFC 3325); `full` is `header;user;id`. */
export type Privacy = 'none' | 'id' | 'header' | 'full';

/** Caller that an INVITE names. Ready to be written: valid URIs, a name on one line. */
export interface CallerIdentity {
  /** `sip:` or `sips:`; that of the phone when absent. */
  uri?: string;
  /** The same number as `tel:`, to be asserted beside it. */
  telUri?: string;
  /** Unquoted; that of the phone when absent. */
  displayName?: string;
  privacy?: Privacy;
  /** Whether the caller is asserted to servers of ours; true when absent. */
  asserted?: boolean;
  /** Values of Diversion (RFC 5806), the last one first, for servers of ours. */
  diversion?: readonly string[];
}
