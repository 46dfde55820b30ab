import { DEFAULTS, SipflowError } from '../../common';
import { normaliseDigits, PAUSE_MS, writeInfoBody } from '../../dtmf';
import type { MediaSession } from '../../media';
import type { SipDialog } from '../../sip';
import type { DtmfMethod, SendDigitsOptions } from '../types';
import { chooseDtmfMethod, type EffectiveDtmfMethod } from './method';

/** Sends digits on one call; strings that are sent at once go out one after the other. */
export class DigitSender {
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly phoneMethod: DtmfMethod) {}

  /**
   * @returns the method that was used, when the last digit is out
   * @throws SipflowError BAD_DIGITS, DTMF_NOT_NEGOTIATED, CALL_STATE (INFO before the answer)
   */
  async send(
    options: SendDigitsOptions,
    session: MediaSession,
    dialog: SipDialog | undefined,
  ): Promise<{ method: EffectiveDtmfMethod }> {
    const digits = normaliseDigits(options.digits);
    const requested =
      options.method === undefined || options.method === 'auto' ? this.phoneMethod : options.method;
    const method = chooseDtmfMethod(requested, session.parameters);
    const toneMs = options.toneMs ?? DEFAULTS.toneMs;
    const gapMs = options.gapMs ?? DEFAULTS.gapMs;
    const turn = this.#queue.then(() =>
      method === 'info'
        ? sendByInfo(digits, toneMs, gapMs, dialog)
        : session.sendDigits({ digits, method, toneMs, gapMs }),
    );
    this.#queue = turn.catch(() => undefined);
    await turn;
    return { method };
  }
}

async function sendByInfo(
  digits: string,
  toneMs: number,
  gapMs: number,
  dialog: SipDialog | undefined,
): Promise<void> {
  if (!dialog) throw new SipflowError('CALL_STATE', 'Digits can be sent by SIP INFO only after the answer.');
  for (const digit of digits) {
    if (digit === ',') {
      await pause(PAUSE_MS);
      continue;
    }
    const response = await dialog.request('INFO', { body: writeInfoBody({ digit, durationMs: toneMs }) });
    if (response.status >= 300) {
      throw new SipflowError(
        'DTMF_NOT_NEGOTIATED',
        `The other side refused a digit by SIP INFO with ${response.status} ${response.reason}. Choose the method "auto" or "rfc4733".`,
      );
    }
    await pause(toneMs + gapMs);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
