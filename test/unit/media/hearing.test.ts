import assert from 'node:assert/strict';
import { DtmfToneGenerator } from '../../../lib/dtmf/tone-generator';
import { DigitMerge } from '../../../lib/calls/digits/merge';
import type { MediaParameters } from '../../../lib/media';
import { BridgeLegs } from '../../../lib/media/worker/bridge/bridge-legs';
import { Hearing } from '../../../lib/media/worker/receive/hearing';

const FRAME = 160;
const EVENTS = { sendPayloadType: 101, receivePayloadType: 101, clockRate: 8000 };

function parameters(telephoneEvent: MediaParameters['telephoneEvent']): MediaParameters {
  return {
    remote: { address: '127.0.0.1', rtpPort: 9, rtcpPort: 10 },
    codec: { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 },
    alternatives: [],
    telephoneEvent,
    ptimeMs: 20,
    direction: 'sendrecv',
    rtcpMux: false,
  };
}

/** One side of a call: what it hears in frames of 20 ms, what comes as events, and which digits the call has. */
class Ear {
  readonly hearing: Hearing;
  digits = '';
  starts = '';
  readonly #merge = new DigitMerge();
  #atMs = 0;

  constructor() {
    this.hearing = new Hearing(0, new BridgeLegs(), (event) => {
      if (event.type === 'digitStart') this.starts += event.digit;
      else if (this.#merge.accept(event.digit)) this.digits += event.digit.digit;
    });
    this.hearing.configure(parameters(EVENTS));
  }

  /** A tone of whole frames and a pause of 60 ms; `during` is called before each frame with its time. */
  tone(digit: string, toneMs: number, during: (atMs: number) => void = () => undefined): void {
    const generator = new DtmfToneGenerator(8000);
    generator.start(digit, toneMs, 60);
    while (generator.active) {
      const pcm = new Int16Array(FRAME);
      generator.generate(pcm);
      during(this.#atMs);
      this.hearing.hear(pcm, FRAME, 8000, this.#atMs, false);
      this.#atMs += 20;
    }
  }

  /** An event of the same length as the tone, whose first packet comes `afterMs` after the tone began. */
  toneAndEvent(digit: string, toneMs: number, afterMs: number): void {
    const { events } = this.hearing;
    const from = this.#atMs + afterMs;
    this.tone(digit, toneMs, (atMs) => {
      if (atMs === from) events.start(digit);
      if (atMs === from + toneMs) events.digit(digit, from, toneMs);
    });
    if (this.#atMs <= from) events.start(digit);
    if (this.#atMs <= from + toneMs) events.digit(digit, from, toneMs);
  }
}

describe('media: tones in the audio of a peer that sends events', () => {
  for (const afterMs of [0, 20, 40, 60, 80, 100, 160]) {
    it(`one press is one digit when the event comes ${afterMs} ms after the tone`, () => {
      for (const toneMs of [40, 60, 100, 200]) {
        const ear = new Ear();
        for (const digit of '1559') ear.toneAndEvent(digit, toneMs, afterMs);
        assert.equal(ear.digits, '1559', `tones of ${toneMs} ms`);
      }
    });
  }

  it('tones alone are heard before the first event, not after it, and again without telephone-event', () => {
    const ear = new Ear();
    ear.tone('12', 100);
    ear.toneAndEvent('3', 100, 20);
    ear.tone('45', 100);
    assert.equal(ear.digits, '123');
    assert.equal(ear.starts.slice(-1), '3');
    ear.hearing.configure(parameters(EVENTS));
    ear.tone('6', 100);
    assert.equal(ear.digits, '123');
    ear.hearing.configure(parameters(undefined));
    ear.tone('7', 100);
    assert.equal(ear.digits, '1237');
  });
});
