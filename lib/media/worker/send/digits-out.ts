import { CODECS } from '../../../audio';
import { type Failure, SipflowError } from '../../../common';
import { DtmfToneGenerator, Rfc4733Sender } from '../../../dtmf';
import type { MediaParameters, SendDigitsRequest } from '../../types';
import type { Outbound } from './outbound';

/** Digit strings that may wait while another one is sent. */
const MAX_WAITING = 32;

interface Job {
  request: SendDigitsRequest;
  done(failure?: Failure): void;
}

/** Sends digit strings one after another, in place of audio: as telephone events or as tones. */
export class DigitsOut {
  readonly #jobs: Job[] = [];
  #parameters: MediaParameters;
  #sender: Rfc4733Sender | undefined;
  #timing = '';
  /** Makes the tones of the first job. */
  #tones: DtmfToneGenerator | undefined;

  constructor(parameters: MediaParameters) {
    this.#parameters = parameters;
    this.configure(parameters);
  }

  /** Takes over new parameters; events under way are finished with the old timing, tones of another rate cannot be. */
  configure(parameters: MediaParameters): void {
    const isOtherRate = rateOf(parameters) !== rateOf(this.#parameters);
    this.#parameters = parameters;
    if (isOtherRate && this.#tones) this.#finishFirst(CODEC_CHANGED);
    const event = parameters.telephoneEvent;
    if (!event) return;
    const { clockRate } = CODECS[parameters.codec.name];
    const timing = `${clockRate}/${event.clockRate}/${parameters.ptimeMs}`;
    if (this.#sender && (this.#sender.active || timing === this.#timing)) return;
    this.#timing = timing;
    this.#sender = new Rfc4733Sender({
      clockRate,
      eventClockRate: event.clockRate,
      ptimeMs: parameters.ptimeMs,
    });
  }

  /** Nothing is to be sent, nor finished. */
  get isIdle(): boolean {
    return this.#jobs.length === 0 && this.#sender?.active !== true;
  }

  /** Queues digits; `done` is called once, when the last of them is out or with the reason why not. */
  send(request: SendDigitsRequest, done: Job['done']): void {
    const refusal = this.#refusal(request);
    if (refusal) {
      done(refusal.toFailure());
      return;
    }
    this.#jobs.push({ request, done });
    if (this.#jobs.length === 1) this.#startFirst();
  }

  /** Sends a telephone event if one is due and returns whether it did; otherwise the packet time belongs to audio. */
  sendEvent(outbound: Outbound): boolean {
    const sender = this.#sender;
    if (!sender || (!this.#hasEvents() && !sender.active)) return false;
    const { packet, offset } = outbound.payload;
    const payloadType = this.#parameters.telephoneEvent?.sendPayloadType;
    const length = sender.tick(outbound.timestamp, packet, offset);
    if (length > 0 && payloadType !== undefined) {
      outbound.sendEvent(payloadType, length, sender.timestamp, sender.marker);
    }
    if (!sender.active && this.#hasEvents()) this.#finishFirst();
    return length > 0;
  }

  /** Fills one frame with tones and their pauses, if any are due; otherwise it belongs to others. */
  fill(pcm: Int16Array, count: number): boolean {
    if (!this.#tones) return false;
    if (!this.#tones.active) {
      this.#finishFirst();
      return this.fill(pcm, count);
    }
    this.#tones.generate(pcm, 0, count);
    return true;
  }

  /** Drops the digits not begun; an event under way still gets its end packets. */
  stop(failure: Failure): void {
    this.#sender?.stop();
    this.#tones = undefined;
    for (const job of this.#jobs.splice(0)) job.done(failure);
  }

  #hasEvents(): boolean {
    return this.#jobs.length > 0 && !this.#tones;
  }

  #finishFirst(failure?: Failure): void {
    this.#tones = undefined;
    this.#jobs.shift()?.done(failure);
    this.#startFirst();
  }

  #startFirst(): void {
    if (this.#jobs.length === 0) return;
    const { digits, method, toneMs, gapMs } = this.#jobs[0].request;
    if (method === 'inband') {
      this.#tones = new DtmfToneGenerator(rateOf(this.#parameters));
      this.#tones.start(digits, toneMs, gapMs);
    } else {
      this.#sender?.start(digits, toneMs, gapMs);
    }
  }

  #refusal({ method }: SendDigitsRequest): SipflowError | undefined {
    const codec = this.#parameters.codec.name;
    if (method === 'inband' && !CODECS[codec].carriesTones) {
      return new SipflowError(
        'DTMF_NOT_NEGOTIATED',
        `Tones do not survive the codec ${codec}. Send the digits by RFC 4733 or SIP INFO.`,
      );
    }
    if (method === 'rfc4733' && !this.#parameters.telephoneEvent) {
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

function rateOf({ codec }: MediaParameters): number {
  return CODECS[codec.name].sampleRate;
}

const CODEC_CHANGED: Failure = {
  code: 'CALL_STATE',
  message: 'The codec of the call changed while tones were being sent. Send the digits again.',
};
