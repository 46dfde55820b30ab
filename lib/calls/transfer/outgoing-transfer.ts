import { SipflowError } from '../../common';
import { formatReferTo, sendRefer, type ReferOutcome, type SipClock, type SipDialog } from '../../sip';
import { failureOf } from '../report/sip-report';
import type { ExtraHeaders, SipReport, TransferOutcome } from '../types';

/** Interface of the call for a transfer that we ask for (transferor). */
export interface TransferorHost {
  readonly clock: SipClock;
  readonly ownUri: string;
  /** Aborted when the call ends. */
  readonly signal: AbortSignal;
  /** Header fields of the flow for the REFER. */
  readonly headers: ExtraHeaders | undefined;
  progress(sip: SipReport): void;
}

/** Target of a transfer: a URI, or the peer of another dialog of ours (Replaces). */
export type TransferTarget = { uri: string } | { consult: SipDialog };

/**
 * Asks the peer of a dialog to call another target (RFC 3515; attended: RFC 5589, 7) and reports the outcome.
 * Never rejects.
 */
export async function requestTransfer(
  dialog: SipDialog,
  target: TransferTarget,
  host: TransferorHost,
): Promise<TransferOutcome> {
  const outcome = await sendRefer(dialog, {
    referTo: 'uri' in target ? formatReferTo(target.uri) : referToPeerOf(target.consult),
    referredBy: host.ownUri,
    clock: host.clock,
    signal: host.signal,
    ...(host.headers ? { headers: host.headers } : {}),
    onProgress: ({ status, reason }) => host.progress({ event: 'transfer-progress', status, reason }),
  });
  return transferOutcome(outcome);
}

/** The other end of a dialog, and which of its calls is to be replaced; the tags are as that end sees them. */
function referToPeerOf({ callId, localTag, remoteTag, remoteTarget }: SipDialog): string {
  return formatReferTo(remoteTarget, { callId, toTag: remoteTag, fromTag: localTag, earlyOnly: false });
}

function transferOutcome({ origin, status, reason }: ReferOutcome): TransferOutcome {
  if (origin === 'final' && status < 300) {
    return { kind: 'transferred', sip: { event: 'transferred', status, reason } };
  }
  const diagnosis = DIAGNOSES[origin];
  const sip: SipReport = {
    event: 'failed',
    status,
    reason,
    ...(diagnosis === undefined ? {} : { diagnosis }),
  };
  if (origin === 'ended') {
    return { kind: 'failed', sip, failure: { code: 'CALL_ENDED', message: DIAGNOSES.ended } };
  }
  return { kind: 'failed', sip, failure: failureOf(status, reason, diagnosis) };
}

const DIAGNOSES = {
  final: undefined,
  refused: 'The other side did not accept the transfer.',
  silent: 'The other side stopped reporting before the outcome of the transfer was known.',
  ended: 'The call ended before the outcome of the transfer was known.',
} as const satisfies Record<ReferOutcome['origin'], string | undefined>;

/** The dialog of an answered call; CALL_STATE for any other. */
export function dialogFor(dialog: SipDialog | undefined, state: string, verb: string): SipDialog {
  if (dialog && state === 'answered') return dialog;
  throw new SipflowError('CALL_STATE', `The call is ${state}; only an answered call can be ${verb}.`);
}
