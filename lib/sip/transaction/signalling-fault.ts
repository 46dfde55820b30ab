/** Reports what was thrown while a message or a timer was dealt with, as a process warning instead of an exception. */
export function reportSignallingFault(error: unknown, where: string): void {
  process.emitWarning(error instanceof Error ? error : String(error), {
    type: 'SipflowSignallingFault',
    detail: `in SIP signalling (${where})`,
  });
}
