import assert from 'node:assert/strict';
import type { CodecName } from '../../../lib/audio/codecs';
import { chooseDtmfMethod, digitAdvice } from '../../../lib/calls/digits/method';
import type { DtmfMethod } from '../../../lib/calls/types';

function choose(method: DtmfMethod, codec: CodecName, telephoneEvent: boolean): string {
  return chooseDtmfMethod(method, {
    codec: { name: codec, sendPayloadType: 0, receivePayloadType: 0 },
    ...(telephoneEvent
      ? { telephoneEvent: { sendPayloadType: 101, receivePayloadType: 101, clockRate: 8000 } }
      : {}),
  });
}

describe('pitfall 6: the way digits travel', () => {
  it('is RFC 4733 wherever the peer accepts it', () => {
    assert.equal(choose('auto', 'PCMU', true), 'rfc4733');
    assert.equal(choose('auto', 'OPUS', true), 'rfc4733');
  });

  it('falls back to tones on codecs that carry them, else to INFO', () => {
    assert.equal(choose('auto', 'PCMA', false), 'inband');
    assert.equal(choose('auto', 'OPUS', false), 'info');
  });

  it('refuses tones on a codec that destroys them', () => {
    assert.throws(() => choose('inband', 'OPUS', true), { code: 'DTMF_NOT_NEGOTIATED', message: /OPUS/ });
  });

  it('refuses RFC 4733 that was not negotiated, and says what else to choose', () => {
    assert.throws(() => choose('rfc4733', 'PCMU', false), { code: 'DTMF_NOT_NEGOTIATED', message: /inband/ });
  });

  it('keeps an explicit choice that works', () => {
    assert.equal(choose('inband', 'PCMU', true), 'inband');
    assert.equal(choose('info', 'PCMU', true), 'info');
  });

  it('is explained when the peer takes no telephone-event, unless that was not wanted', () => {
    const advice = (method: DtmfMethod, name: CodecName): string | undefined =>
      digitAdvice(method, { codec: { name, sendPayloadType: 0, receivePayloadType: 0 } });
    assert.match(advice('auto', 'PCMU') ?? '', /no telephone-event .*in-band tones/);
    assert.match(advice('auto', 'OPUS') ?? '', /no telephone-event .*OPUS carries no tones: .*SIP INFO/);
    assert.match(advice('rfc4733', 'PCMU') ?? '', /cannot be sent that way. Choose/);
    assert.deepEqual([advice('info', 'PCMU'), advice('inband', 'PCMU')], [undefined, undefined]);
    const telephoneEvent = { sendPayloadType: 101, receivePayloadType: 101, clockRate: 8000 };
    const codec = { name: 'PCMU' as const, sendPayloadType: 0, receivePayloadType: 0 };
    assert.equal(digitAdvice('auto', { codec, telephoneEvent }), undefined);
  });
});
