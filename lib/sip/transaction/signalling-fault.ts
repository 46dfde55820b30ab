/** Makes what was thrown while a message or a timer was dealt with visible, without letting it reach anybody. */
export function reportSignallingFault(error: unknown, where: string): void {
  process.emitWarning(error instanceof Error ? error : String(error), {
    type: 'SipflowSignallingFault',
    detail: `in SIP signalling (${where})`,
  });
}
