import assert from 'node:assert/strict';
import { nextCall, Phones } from '../../support/phones';
import type { PhoneOptions } from '../../../lib/calls';
import { RawPeer, request, response } from '../sip/support/raw-peer';

const KEY = `inline:${Buffer.alloc(30, 7).toString('base64')}`;
const SHA1_80 = 'AES_CM_128_HMAC_SHA1_80';
const FINGERPRINT = `a=fingerprint:sha-256 ${'AB:'.repeat(31)}AB`;

const sdp = (protocol: string, ...attributes: string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
    .concat(`m=audio 4000 ${protocol} 0 8`, attributes, '')
    .join('\r\n');

type Policy = NonNullable<PhoneOptions['srtp']>;
const DTLS = /wants DTLS-SRTP, .*webrtc=no and media_encryption=sdes; FreeSWITCH: media_webrtc=false/;

describe('a call that fails for its encryption says so', () => {
  let phones: Phones;
  let peer: RawPeer;
  beforeEach(async () => {
    phones = new Phones({ mode: 'network' });
    peer = await RawPeer.open();
  });
  afterEach(async () => {
    await phones.close();
    await peer.close();
  });

  const OFFERS: [what: string, srtp: Policy, offer: string, diagnosis: RegExp][] = [
    [
      'RTP/SAVP while SRTP is off',
      'off',
      sdp('RTP/SAVP', `a=crypto:1 ${SHA1_80} ${KEY}`),
      /requires encryption \(RTP\/SAVP\) and this phone has SRTP off/,
    ],
    [
      'plain RTP while SRTP is required',
      'required',
      sdp('RTP/AVP'),
      /requires SRTP; the offer brings no key/,
    ],
    [
      'suites that nobody here knows',
      'optional',
      sdp('RTP/SAVP', `a=crypto:1 F8_128_HMAC_SHA1_80 ${KEY}`, `a=crypto:2 AEAD_AES_512_XYZ ${KEY}`),
      /offer has only F8_128_HMAC_SHA1_80, AEAD_AES_512_XYZ; this phone allows AES_CM_128_HMAC_SHA1_80, /,
    ],
    [
      'a key of the wrong length',
      'optional',
      sdp('RTP/SAVP', `a=crypto:1 ${SHA1_80} inline:AAAA`),
      /no key of the offer can be used/,
    ],
    ['WebRTC, SRTP off', 'off', sdp('UDP/TLS/RTP/SAVPF', FINGERPRINT, 'a=setup:actpass'), DTLS],
    ['WebRTC, SRTP required', 'required', sdp('UDP/TLS/RTP/SAVPF', FINGERPRINT), DTLS],
    ['SAVPF with a fingerprint, SRTP off', 'off', sdp('RTP/SAVPF', FINGERPRINT), DTLS],
    ['SAVPF with a fingerprint, SRTP optional', 'optional', sdp('RTP/SAVPF', FINGERPRINT), DTLS],
    ['a fingerprint under plain RTP, SRTP required', 'required', sdp('RTP/AVP', FINGERPRINT), DTLS],
  ];
  for (const [what, srtp, offer, diagnosis] of OFFERS) {
    it(`offered: ${what}`, async () => {
      const phone = await phones.phone('1001', { srtp });
      const port = phone.address?.port ?? 0;
      const incoming = nextCall(phone);
      const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: 'offered' };
      peer.send(request('INVITE', { ...parts, body: offer }), port);
      const call = await incoming;
      await assert.rejects(call.answer(), { code: 'SRTP_NOT_NEGOTIATED', message: diagnosis });
      const refused = await peer.next('488');
      assert.match(refused.header('Warning'), /^302 /);
      assert.match(call.lastSip.diagnosis ?? '', diagnosis);
    });
  }

  it('keys beside a fingerprint are taken', async () => {
    const phone = await phones.phone('1001', { srtp: 'optional' });
    const port = phone.address?.port ?? 0;
    const incoming = nextCall(phone);
    const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: 'both' };
    const body = sdp('RTP/SAVPF', FINGERPRINT, `a=crypto:1 ${SHA1_80} ${KEY}`);
    peer.send(request('INVITE', { ...parts, body }), port);
    const answering = (await incoming).answer();
    const ok = await peer.next('200');
    assert.match(ok.body, /m=audio \d+ RTP\/SAVPF 0/);
    peer.send(request('ACK', { ...parts, to: ok.header('To') }), port);
    await answering;
  });

  const REFUSALS: [what: string, srtp: Policy, headers: string[], body: string, diagnosis: RegExp][] = [
    [
      'no word, SRTP required',
      'required',
      [],
      '',
      /refused encrypted audio \(SRTP with AES_CM_128.*requires.*PCMU/,
    ],
    [
      'that it takes plain RTP only',
      'required',
      [],
      sdp('RTP/AVP'),
      /takes no encryption \(RTP\/AVP\) and this phone requires it/,
    ],
    [
      'that it takes another suite only',
      'required',
      [],
      sdp('RTP/SAVP', `a=crypto:1 F8_128_HMAC_SHA1_80 ${KEY}`),
      /no common encryption: this phone offered AES_CM_128.*; the other side allows F8_128_HMAC_SHA1_80/,
    ],
    [
      'that it requires encryption, SRTP off',
      'off',
      [],
      sdp('RTP/SAVP', `a=crypto:1 ${SHA1_80} ${KEY}`),
      /requires encryption \(RTP\/SAVP\) and this phone has SRTP off/,
    ],
    ['that it wants WebRTC', 'off', [], sdp('UDP/TLS/RTP/SAVPF', FINGERPRINT), DTLS],
    ['why, in a Warning', 'off', ['Warning: 302 pbx "Secure calls only"'], '', /^Secure calls only$/],
  ];
  for (const [what, srtp, headers, body, diagnosis] of REFUSALS) {
    it(`refused with 488, and the other side says ${what}`, async () => {
      const phone = await phones.phone('1001', { srtp });
      const call = await phone.dial({ target: `sip:bob@127.0.0.1:${peer.port}` });
      const invite = await peer.next('INVITE');
      const answer = { tag: 'bob', headers, ...(body === '' ? {} : { body }) };
      peer.send(response(invite, '488 Not Acceptable Here', answer), invite.port);
      await peer.next('ACK');
      const outcome = await call.outcome;
      assert.ok(outcome.kind === 'failed');
      assert.equal(outcome.failure.code, 'SRTP_NOT_NEGOTIATED');
      assert.match(outcome.failure.message, diagnosis);
      assert.match(outcome.sip.diagnosis ?? '', diagnosis);
    });
  }

  it('refused without a word while SRTP is off: the codecs are named, and that it may be the encryption', async () => {
    const phone = await phones.phone('1001');
    const call = await phone.dial({ target: `sip:bob@127.0.0.1:${peer.port}` });
    const invite = await peer.next('INVITE');
    peer.send(response(invite, '488 Not Acceptable Here', { tag: 'bob' }), invite.port);
    await peer.next('ACK');
    const outcome = await call.outcome;
    assert.ok(outcome.kind === 'failed');
    assert.equal(outcome.failure.code, 'NO_COMMON_CODEC');
    assert.match(
      outcome.failure.message,
      /offered PCMU, PCMA; it may require encryption, and this phone has SRTP off$/,
    );
  });

  it('answered without a key: the call ends with BYE', async () => {
    const phone = await phones.phone('1001', { srtp: 'required' });
    const call = await phone.dial({ target: `sip:bob@127.0.0.1:${peer.port}` });
    const invite = await peer.next('INVITE');
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    peer.send(response(invite, '200 OK', { tag: 'bob', contact: target, body: sdp('RTP/AVP') }), invite.port);
    const outcome = await call.outcome;
    assert.ok(outcome.kind === 'failed');
    assert.equal(outcome.failure.code, 'SRTP_NOT_NEGOTIATED');
    assert.match(outcome.failure.message, /requires SRTP; the answer brings no key/);
    const bye = await peer.next('BYE');
    peer.send(response(bye, '200 OK'), bye.port);
  });
});
