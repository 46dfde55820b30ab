import assert from 'node:assert/strict';
import { applyAnswer, createAnswer, createOffer, parseSdp } from '../../../lib/sdp';
import { answerOf, applied, audioOf, linesOf, local, offerOf } from './local';
import { sdp } from './peers';

const answer = (...media: string[]): string =>
  sdp('v=0', 'o=- 1 1 IN IP4 192.0.2.2', 's=-', 'c=IN IP4 192.0.2.2', 't=0 0', ...media);

describe('sdp: applyAnswer', () => {
  it('takes the first codec of the answer and keeps the rest as alternatives', () => {
    const mine = local();
    const audio = audioOf(
      applied(
        offerOf(mine),
        answer('m=audio 6000 RTP/AVP 8 0 101', 'a=rtpmap:101 telephone-event/8000', 'a=ptime:30'),
        mine,
      ),
    );
    assert.deepEqual(audio, {
      remote: { address: '192.0.2.2', rtpPort: 6000, rtcpPort: 6001 },
      codec: { name: 'PCMA', sendPayloadType: 8, receivePayloadType: 8 },
      alternatives: [{ name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 }],
      telephoneEvent: { sendPayloadType: 101, receivePayloadType: 101, clockRate: 8000 },
      ptimeMs: 30,
      direction: 'sendrecv',
      peerDirection: 'sendrecv',
      rtcpMux: false,
    });
  });

  it('maps dynamic payload types both ways when the peer numbers them differently', () => {
    const mine = local({ codecs: ['OPUS'] });
    const audio = audioOf(
      applied(
        offerOf(mine),
        answer(
          'm=audio 6000 RTP/AVP 120 121',
          'a=rtpmap:120 opus/48000/2',
          'a=fmtp:120 maxplaybackrate=16000',
          'a=rtpmap:121 telephone-event/48000',
        ),
        mine,
      ),
    );
    assert.deepEqual(audio.codec, {
      name: 'OPUS',
      sendPayloadType: 120,
      receivePayloadType: 107,
      fmtp: 'maxplaybackrate=16000',
    });
    assert.deepEqual(audio.telephoneEvent, {
      sendPayloadType: 121,
      receivePayloadType: 100,
      clockRate: 48_000,
    });
  });

  it('reads dynamic numbers without rtpmap as the offer meant them', () => {
    const mine = local({ codecs: ['OPUS', 'PCMU'] });
    const audio = audioOf(applied(offerOf(mine), answer('m=audio 6000 RTP/AVP 107 100'), mine));
    assert.equal(audio.codec.name, 'OPUS');
    assert.equal(audio.telephoneEvent?.clockRate, 48_000);
  });

  it('takes telephone events at 8000 beside Opus when the answer has no others', () => {
    const mine = local({ codecs: ['OPUS', 'PCMU'] });
    const text = answer(
      'm=audio 6000 RTP/AVP 107 101',
      'a=rtpmap:107 opus/48000/2',
      'a=rtpmap:101 telephone-event/8000',
    );
    assert.deepEqual(audioOf(applied(offerOf(mine), text, mine)).telephoneEvent, {
      sendPayloadType: 101,
      receivePayloadType: 101,
      clockRate: 8000,
    });
    const both = text.replace('107 101', '107 101 100').concat('a=rtpmap:100 telephone-event/48000\r\n');
    assert.equal(audioOf(applied(offerOf(mine), both, mine)).telephoneEvent?.clockRate, 48_000);
  });

  it('pitfall 6: shows that the peer did not accept telephone-event', () => {
    const mine = local();
    const audio = audioOf(applied(offerOf(mine), answer('m=audio 6000 RTP/AVP 0'), mine));
    assert.equal(audio.telephoneEvent, undefined);
  });

  it('ignores codecs of the answer that were not offered', () => {
    const mine = local();
    const audio = audioOf(
      applied(offerOf(mine), answer('m=audio 6000 RTP/AVP 18 9 0', 'a=rtpmap:18 G729/8000'), mine),
    );
    assert.equal(audio.codec.name, 'PCMU');
    assert.deepEqual(audio.alternatives, []);
  });

  it('pitfall 7: works on the description of a 183 as on that of a 200', () => {
    const mine = local();
    const early = answer('m=audio 6000 RTP/AVP 0', 'a=sendonly');
    assert.equal(audioOf(applied(offerOf(mine), early, mine)).direction, 'recvonly');
  });

  it('sends VoIP metrics when the answer asks for them, too (RFC 3611, 5.1)', () => {
    const mine = local();
    const offer = offerOf(mine);
    assert.deepEqual(linesOf(offer, 'a=rtcp-xr'), ['a=rtcp-xr:voip-metrics']);
    const wanted = (...lines: string[]): boolean | undefined =>
      audioOf(applied(offer, answer('m=audio 6000 RTP/AVP 0', ...lines), mine)).rtcpXr;
    assert.equal(wanted('a=rtcp-xr:rcvr-rtt=all:10 VoIP-Metrics stat-summary=loss'), true);
    assert.equal(wanted('a=rtcp-xr:pkt-loss-rle'), undefined);
    assert.equal(wanted('a=rtcp-xr'), undefined);
    assert.equal(wanted(), undefined);
  });

  it('multiplexes RTCP when both sides said so', () => {
    const mine = local({ rtcpMux: true });
    const offer = offerOf(mine);
    assert.deepEqual(linesOf(offer, 'a=rtcp-mux'), ['a=rtcp-mux']);
    const yes = audioOf(applied(offer, answer('m=audio 6000 RTP/AVP 0', 'a=rtcp-mux'), mine));
    assert.equal(yes.rtcpMux, true);
    assert.equal(yes.remote.rtcpPort, 6000);
    const no = audioOf(applied(offer, answer('m=audio 6000 RTP/AVP 0'), mine));
    assert.equal(no.rtcpMux, false);
    assert.equal(no.remote.rtcpPort, 6001);
    const unasked = audioOf(
      applied(offerOf(local()), answer('m=audio 6000 RTP/AVP 0', 'a=rtcp-mux'), local()),
    );
    assert.equal(unasked.rtcpMux, false);
  });

  describe('pitfall 3: says what is wrong with an answer', () => {
    const FAULTS: [name: string, text: string, reason: string, diagnosis: RegExp][] = [
      [
        'rejected stream',
        answer('m=audio 0 RTP/AVP 0'),
        'rejected',
        /refuses the audio stream \(port 0\); offered PCMU, PCMA$/,
      ],
      [
        'foreign codec',
        answer('m=audio 6000 RTP/AVP 18'),
        'codec',
        /^no common codec: this phone offered PCMU, PCMA; the answer allows G729$/,
      ],
      [
        'no address',
        sdp('v=0', 'o=- 1 1 IN IP4 192.0.2.2', 's=-', 't=0 0', 'm=audio 6000 RTP/AVP 0'),
        'address',
        /c= line/,
      ],
      ['no audio line', answer('m=video 6000 RTP/AVP 97'), 'no-audio', /no audio stream/],
      ['another transport', answer('m=audio 6000 RTP/SAVP 0'), 'security', /from RTP\/AVP to RTP\/SAVP/],
      ['nonsense', '<html>', 'malformed', /cannot be read/],
    ];
    for (const [name, text, reason, diagnosis] of FAULTS) {
      it(name, () => {
        const result = applied(offerOf(local()), text, local());
        assert.ok(!result.ok);
        assert.equal(result.reason, reason);
        assert.match(result.diagnosis, diagnosis);
      });
    }
  });
});

describe('sdp: createOffer', () => {
  it('has the description of its text at hand, so that an answer need not read it again', () => {
    const plain = local({ codecs: ['OPUS', 'L16', 'PCMU'], rtcpMux: true });
    const secured = local({ srtp: { policy: 'optional' } });
    const previous = answerOf(
      createAnswer(sdp('v=0', 'c=IN IP4 192.0.2.2', 'm=video 0 RTP/AVP 96', 'm=audio 6000 RTP/AVP 0'), plain),
    );
    for (const mine of [local(), plain, secured, { ...plain, previous, address: '2001:db8::1' }]) {
      const { text, description } = createOffer(mine);
      assert.deepEqual(parseSdp(text), description);
      const theirs = answer('m=audio 6000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000');
      assert.deepEqual(applyAnswer(description, theirs, mine), applied(text, theirs, mine));
    }
  });

  it('lists our codecs in our order and telephone events at each of their clocks', () => {
    assert.equal(
      offerOf(local({ codecs: ['OPUS', 'G722', 'L16', 'PCMU'], ptimeMs: 30, rtcpPort: 10_005 })),
      [
        'v=0',
        'o=- 4711 1 IN IP4 192.0.2.1',
        's=-',
        'c=IN IP4 192.0.2.1',
        't=0 0',
        'm=audio 10000 RTP/AVP 107 9 118 0 100 101 102',
        'a=rtpmap:107 opus/48000/2',
        'a=fmtp:107 minptime=10;useinbandfec=1',
        'a=rtpmap:9 G722/8000',
        'a=rtpmap:118 L16/16000',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:100 telephone-event/48000',
        'a=fmtp:100 0-16',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-16',
        'a=rtpmap:102 telephone-event/16000',
        'a=fmtp:102 0-16',
        'a=ptime:30',
        'a=rtcp:10005',
        'a=rtcp-xr:voip-metrics',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    );
  });

  it('without codecs says what to do', () => {
    assert.throws(() => offerOf(local({ codecs: [] })), {
      code: 'BAD_CONFIG',
      message: /name at least one/,
    });
  });
});

describe('sdp: re-offers (RFC 3264, 8)', () => {
  it('hold and resume keep numbers and places, and grow the version', () => {
    const first = sdp(
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.2',
      's=-',
      'c=IN IP4 192.0.2.2',
      't=0 0',
      'm=video 7000 RTP/AVP 97',
      'm=audio 6000 RTP/AVP 111 120',
      'a=rtpmap:111 opus/48000/2',
      'a=rtpmap:120 telephone-event/48000',
      'm=application 7002 UDP/BFCP *',
    );
    const mine = local({ codecs: ['OPUS'] });
    const answered = answerOf(createAnswer(first, mine));
    const hold = offerOf({
      ...mine,
      codecs: ['OPUS', 'PCMU'],
      direction: 'sendonly',
      previous: answered,
      origin: { sessionId: '4711', version: 2 },
    });
    assert.deepEqual(linesOf(hold, 'm='), [
      'm=video 0 RTP/AVP 97',
      'm=audio 10000 RTP/AVP 111 0 120 101',
      'm=application 0 UDP/BFCP *',
    ]);
    assert.deepEqual(linesOf(hold, 'a=sendonly'), ['a=sendonly']);
    assert.deepEqual(linesOf(hold, 'o='), ['o=- 4711 2 IN IP4 192.0.2.1']);
  });

  it('gives no number of the past to something new', () => {
    const first = sdp(
      'v=0',
      'c=IN IP4 192.0.2.2',
      'm=audio 6000 RTP/AVP 101 107',
      'a=rtpmap:101 opus/48000/2',
      'a=rtpmap:107 telephone-event/48000',
    );
    const mine = local({ codecs: ['OPUS'] });
    const previous = answerOf(createAnswer(first, mine));
    const again = offerOf({ ...mine, codecs: ['OPUS', 'L16', 'PCMU'], previous });
    assert.deepEqual(linesOf(again, 'm='), ['m=audio 10000 RTP/AVP 101 118 0 107 102 96']);
  });

  it('nor when what had the number is offered no more', () => {
    const first = sdp('v=0', 'c=IN IP4 192.0.2.2', 'm=audio 6000 RTP/AVP 118', 'a=rtpmap:118 opus/48000/2');
    const previous = answerOf(createAnswer(first, local({ codecs: ['OPUS'] })));
    const again = offerOf(local({ codecs: ['L16'], telephoneEvent: false, previous }));
    assert.deepEqual(linesOf(again, 'm='), ['m=audio 10000 RTP/AVP 96']);
  });

  it('go on multiplexing RTCP when that was agreed', () => {
    const first = sdp('v=0', 'c=IN IP4 192.0.2.2', 'm=audio 6000 RTP/AVP 0', 'a=rtcp-mux');
    const previous = answerOf(createAnswer(first, local()));
    assert.deepEqual(linesOf(offerOf(local({ previous })), 'a=rtcp-mux'), ['a=rtcp-mux']);
    assert.deepEqual(linesOf(offerOf(local({ previous, rtcpMux: false })), 'a=rtcp-mux'), []);
  });

  it('start afresh when the previous description cannot be read', () => {
    assert.equal(offerOf(local({ previous: 'lost' })), offerOf(local()));
  });

  it('the whole exchange: offer, answer, hold, resume', () => {
    const caller = local({ codecs: ['G722', 'PCMU'] });
    const callee = local({ address: '192.0.2.2', rtpPort: 12_000, rtcpPort: 12_001 });
    const offer = offerOf(caller);
    const answered = createAnswer(offer, callee);
    const atCaller = audioOf(applied(offer, answerOf(answered), caller));
    assert.equal(atCaller.codec.name, 'PCMU');
    assert.deepEqual(atCaller.remote, { address: '192.0.2.2', rtpPort: 12_000, rtcpPort: 12_001 });
    assert.deepEqual(audioOf(answered).remote, { address: '192.0.2.1', rtpPort: 10_000, rtcpPort: 10_001 });

    const holding = { ...callee, direction: 'sendonly' as const, previous: answerOf(answered) };
    const hold = offerOf(holding);
    const held = createAnswer(hold, { ...caller, previous: offer });
    assert.equal(audioOf(held).direction, 'recvonly');
    assert.equal(audioOf(held).peerDirection, 'sendonly');
    assert.equal(audioOf(applied(hold, answerOf(held), holding)).direction, 'sendonly');

    const resumed = createAnswer(offerOf({ ...holding, direction: 'sendrecv', previous: hold }), caller);
    assert.equal(audioOf(resumed).direction, 'sendrecv');
  });
});
