import { SipflowError, type Failure } from '../../common/errors';
import { Rfc4733Sender } from '../../dtmf/rfc4733-sender';
import type { MediaParameters, SendDigitsRequest } from '../types';
import type { Outbound } from './outbound';

/** Digit strings that may wait while another one is sent. */
const MAX_WAITING = 32;

interface Job {
  request: SendDigitsRequest;
  done(failure?: Failure): void;
}

/** Sends digit strings one after another, in place of audio. */
export class DigitsOut {
  readonly #jobs: Job[] = [];
  #sender: Rfc4733Sender | undefined;
  #payloadType = -1;
  #timing = '';

  /** Takes over what was negotiated; a digit under way is finished with the old timing. */
  configure(parameters: MediaParameters): void {
    const event = parameters.telephoneEvent;
    this.#payloadType = event?.sendPayloadType ?? -1;
    if (!event) return;
    const timing = `${event.clockRate}/${parameters.ptimeMs}`;
    if (this.#sender && (this.#sender.active || timing === this.#timing)) return;
    this.#timing = timing;
    this.#sender = new Rfc4733Sender({ clockRate: event.clockRate, ptimeMs: parameters.ptimeMs });
  }

  /** Queues digits; `done` is called once, when the last end packet is out or with the reason why not. */
  send(request: SendDigitsRequest, done: Job['done']): void {
    const refusal = this.#refusal(request);
    if (refusal) {
      done(refusal.toFailure());
      return;
    }
    this.#jobs.push({ request, done });
    if (this.#jobs.length === 1) this.#startFirst();
  }

  /**
   * Uses this packet time for a digit if one is due, and returns whether it did; otherwise the packet time
   * belongs to audio.
   */
  tick(outbound: Outbound): boolean {
    const sender = this.#sender;
    if (!sender || (this.#jobs.length === 0 && !sender.active)) return false;
    const { packet, offset } = outbound.payload;
    const length = sender.tick(outbound.timestamp, packet, offset);
    if (length > 0) outbound.sendEvent(this.#payloadType, length, sender.timestamp, sender.marker);
    if (!sender.active && this.#jobs.length > 0) {
      this.#jobs.shift()?.done();
      this.#startFirst();
    }
    return length > 0;
  }

  /** Gives up what was not begun; a tone under way still gets its end packets. */
  stop(failure: Failure): void {
    this.#sender?.stop();
    for (const job of this.#jobs.splice(0)) job.done(failure);
  }

  #startFirst(): void {
    const job = this.#jobs[0];
    if (job) this.#sender?.start(job.request.digits, job.request.toneMs, job.request.gapMs);
  }

  #refusal(request: SendDigitsRequest): SipflowError | undefined {
    if (request.method === 'inband') {
      return new SipflowError(
        'DTMF_NOT_NEGOTIATED',
        'In-band digits cannot be sent by this engine; use rfc4733.',
      );
    }
    if (this.#payloadType < 0) {
      return new SipflowError(
        'DTMF_NOT_NEGOTIATED',
        'The peer did not offer telephone-event (RFC 4733). Send the digits by SIP INFO or in-band.',
      );
    }
    if (this.#jobs.length > MAX_WAITING) {
      return new SipflowError('CALL_STATE', 'Too many digit strings wait to be sent on this call.');
    }
    return undefined;
  }
}
