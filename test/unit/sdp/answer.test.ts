import assert from 'node:assert/strict';
import { type LocalAudio, type NegotiatedAudio, createAnswer } from '../../../lib/sdp';
import { answerOf, audioOf, linesOf, local } from './local';
import * as peers from './peers';

interface Case {
  peer: string;
  offer: string;
  local?: Partial<LocalAudio>;
  media: string[];
  audio: Partial<NegotiatedAudio>;
}

const codec = (name: NegotiatedAudio['codec']['name'], payloadType: number, fmtp?: string) => ({
  name,
  sendPayloadType: payloadType,
  receivePayloadType: payloadType,
  ...(fmtp === undefined ? {} : { fmtp }),
});

const events = (payloadType: number, clockRate: number) => ({
  sendPayloadType: payloadType,
  receivePayloadType: payloadType,
  clockRate,
});

const CASES: Case[] = [
  {
    peer: 'Asterisk: its order decides',
    offer: peers.ASTERISK,
    media: ['m=audio 10000 RTP/AVP 8 101'],
    audio: {
      codec: codec('PCMA', 8),
      telephoneEvent: events(101, 8000),
      remote: { address: '192.0.2.10', rtpPort: 14_222, rtcpPort: 14_223 },
    },
  },
  {
    peer: 'FreeSWITCH with Opus: events at 48000',
    offer: peers.FREESWITCH,
    local: { codecs: ['PCMU', 'OPUS'] },
    media: ['m=audio 10000 RTP/AVP 102 103'],
    audio: {
      codec: codec(
        'OPUS',
        102,
        'useinbandfec=1; maxaveragebitrate=30000; maxplaybackrate=48000; ptime=20; minptime=10; maxptime=40',
      ),
      telephoneEvent: events(103, 48_000),
    },
  },
  {
    peer: 'FreeSWITCH without Opus: events at 8000',
    offer: peers.FREESWITCH,
    media: ['m=audio 10000 RTP/AVP 0 101'],
    audio: { codec: codec('PCMU', 0), telephoneEvent: events(101, 8000) },
  },
  {
    peer: 'baresip with video: refused in its place',
    offer: peers.BARESIP,
    media: ['m=audio 10000 RTP/AVP 0 101', 'm=video 0 RTP/AVP 97'],
    audio: { codec: codec('PCMU', 0) },
  },
  {
    peer: 'baresip with Opus and events at 8000 only: those',
    offer: peers.BARESIP,
    local: { codecs: ['OPUS'] },
    media: ['m=audio 10000 RTP/AVP 96 101', 'm=video 0 RTP/AVP 97'],
    audio: { codec: codec('OPUS', 96, 'stereo=1;sprop-stereo=1'), telephoneEvent: events(101, 8000) },
  },
  {
    peer: 'Linphone with the feedback profile',
    offer: peers.LINPHONE,
    media: ['m=audio 10000 RTP/AVPF 0 100'],
    audio: { codec: codec('PCMU', 0), telephoneEvent: events(100, 8000) },
  },
  {
    peer: 'Cisco: address in the media, static types without rtpmap, G722/16000',
    offer: peers.CISCO,
    local: { codecs: ['PCMU', 'G722'] },
    media: ['m=audio 10000 RTP/AVP 9 97'],
    audio: {
      codec: codec('G722', 9),
      telephoneEvent: events(97, 8000),
      remote: { address: '10.1.2.3', rtpPort: 21_016, rtcpPort: 21_017 },
    },
  },
  {
    peer: 'Polycom: "pcma" and "TELEPHONE-EVENT"',
    offer: peers.POLYCOM,
    media: ['m=audio 10000 RTP/AVP 8 127'],
    audio: { codec: codec('PCMA', 8), telephoneEvent: events(127, 8000) },
  },
  {
    peer: 'a WebRTC gateway: "OPUS", rtcp-mux, candidates',
    offer: peers.WEBRTC_GATEWAY,
    local: { codecs: ['OPUS'] },
    media: ['m=audio 10000 RTP/AVP 109 126'],
    audio: {
      codec: codec('OPUS', 109),
      telephoneEvent: events(126, 48_000),
      rtcpMux: true,
      remote: { address: '203.0.113.141', rtpPort: 54_609, rtcpPort: 54_609 },
    },
  },
  {
    peer: 'IPv6',
    offer: peers.IPV6,
    local: { address: '2001:db8::1' },
    media: ['m=audio 10000 RTP/AVP 0 101'],
    audio: { remote: { address: '2001:db8::5', rtpPort: 40_000, rtcpPort: 40_001 } },
  },
];

describe('sdp: createAnswer', () => {
  for (const { peer, offer, local: changes, media, audio } of CASES) {
    it(`answers ${peer}`, () => {
      const result = createAnswer(offer, local(changes));
      const negotiated = audioOf(result);
      const text = answerOf(result);
      assert.deepEqual(linesOf(text, 'm='), media);
      for (const [key, expected] of Object.entries(audio)) {
        assert.deepEqual(negotiated[key as keyof NegotiatedAudio], expected, key);
      }
      assert.deepEqual(negotiated.alternatives, []);
      const listed = media.find((line) => line.startsWith('m=audio 10000'))?.split(' ').length;
      assert.equal(negotiated.telephoneEvent !== undefined, listed === 5);
    });
  }

  it('writes the whole answer in the order of RFC 8866', () => {
    assert.equal(
      answerOf(createAnswer(peers.ASTERISK, local())),
      [
        'v=0',
        'o=- 4711 1 IN IP4 192.0.2.1',
        's=-',
        'c=IN IP4 192.0.2.1',
        't=0 0',
        'm=audio 10000 RTP/AVP 8 101',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-16',
        'a=ptime:20',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    );
  });

  it('names our IPv6 address as IP6', () => {
    const text = answerOf(createAnswer(peers.IPV6, local({ address: '2001:db8::1' })));
    assert.deepEqual(linesOf(text, 'c='), ['c=IN IP6 2001:db8::1']);
    assert.deepEqual(linesOf(text, 'o='), ['o=- 4711 1 IN IP6 2001:db8::1']);
  });

  it('leaves telephone events out when we do not want them', () => {
    const result = createAnswer(peers.ASTERISK, local({ telephoneEvent: false }));
    assert.deepEqual(linesOf(answerOf(result), 'm='), ['m=audio 10000 RTP/AVP 8']);
    assert.equal(audioOf(result).telephoneEvent, undefined);
  });

  it('pitfall 6: an offer without telephone-event is answered without, and says so by its absence', () => {
    assert.equal(audioOf(createAnswer(peers.LEGACY_HOLD, local())).telephoneEvent, undefined);
  });

  it('takes the second audio line when the first has no codec for us', () => {
    const offer = peers.sdp(
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.2',
      's=-',
      'c=IN IP4 192.0.2.2',
      't=0 0',
      'm=audio 5000 RTP/AVP 18',
      'm=audio 6000 RTP/AVP 0',
      'c=IN IP4 192.0.2.3',
    );
    const result = createAnswer(offer, local());
    assert.deepEqual(linesOf(answerOf(result), 'm='), ['m=audio 0 RTP/AVP 18', 'm=audio 10000 RTP/AVP 0']);
    assert.equal(audioOf(result).remote.address, '192.0.2.3');
  });

  it('reads packet time and direction from the session when the media is silent about them', () => {
    const offer = peers.sdp(
      'v=0',
      'c=IN IP4 192.0.2.2',
      'b=AS:80',
      'a=ptime:30',
      'a=sendonly',
      'm=audio 5000 RTP/AVP 0',
      'b=TIAS:64000',
    );
    const audio = audioOf(createAnswer(offer, local()));
    assert.equal(audio.ptimeMs, 30);
    assert.equal(audio.direction, 'recvonly');
  });

  it('of several c= lines takes the first that a packet can be sent to', () => {
    const offer = peers.sdp(
      'v=0',
      'c=IN IP4 192.0.2.9',
      'm=audio 5000 RTP/AVP 0',
      'c=IN IP4 224.2.1.1/127',
      'c=IN IP4 media.example.com',
      'c=IN IP4 192.0.2.2',
      'c=IN IP4 192.0.2.3',
    );
    assert.equal(audioOf(createAnswer(offer, local())).remote.address, '192.0.2.2');
  });

  it('refuses other media with their own protocol and formats', () => {
    const offer = peers.sdp(
      'v=0',
      'c=IN IP4 192.0.2.2',
      'm=image 4022 udptl t38',
      'm=audio 5000 rtp/avp 0',
      'm=message 5002/2 TCP/MSRP *',
      'm=text 5004 RTP/AVP',
    );
    assert.deepEqual(linesOf(answerOf(createAnswer(offer, local())), 'm='), [
      'm=image 0 udptl t38',
      'm=audio 10000 RTP/AVP 0',
      'm=message 0 TCP/MSRP *',
      'm=text 0 RTP/AVP 0',
    ]);
  });

  describe('direction', () => {
    const DIRECTIONS: [offered: string, ours: LocalAudio['direction'], answer: string][] = [
      ['sendrecv', 'sendrecv', 'sendrecv'],
      ['sendonly', 'sendrecv', 'recvonly'],
      ['recvonly', 'sendrecv', 'sendonly'],
      ['inactive', 'sendrecv', 'inactive'],
      ['sendrecv', 'sendonly', 'sendonly'],
      ['sendonly', 'sendonly', 'inactive'],
      ['recvonly', 'sendonly', 'sendonly'],
      ['sendrecv', 'inactive', 'inactive'],
    ];
    for (const [offered, ours, expected] of DIRECTIONS) {
      it(`offer ${offered}, we are ${ours}: ${expected}`, () => {
        const offer = peers.ASTERISK.replace('a=sendrecv', `a=${offered}`);
        const result = createAnswer(offer, local({ direction: ours }));
        assert.equal(audioOf(result).direction, expected);
        assert.equal(audioOf(result).peerDirection, offered);
        assert.deepEqual(linesOf(answerOf(result), `a=${expected}`), [`a=${expected}`]);
      });
    }

    it('takes it from the session when the media says nothing', () => {
      const offer = peers.POLYCOM.replace('a=sendrecv', 'a=sendonly');
      assert.equal(audioOf(createAnswer(offer, local())).direction, 'recvonly');
    });

    it('understands c=0.0.0.0 as hold', () => {
      const audio = audioOf(createAnswer(peers.LEGACY_HOLD, local()));
      assert.equal(audio.direction, 'recvonly');
      assert.equal(audio.peerDirection, 'sendonly');
      assert.equal(audio.remote.address, '0.0.0.0');
    });

    it('understands the IPv6 form of it', () => {
      const audio = audioOf(createAnswer(peers.IPV6.replace('c=IN IP6 2001:db8::5', 'c=IN IP6 ::'), local()));
      assert.equal(audio.direction, 'recvonly');
    });
  });

  describe('packet time', () => {
    const TIMES: [name: string, attributes: string, ours: number, expected: number][] = [
      ['the peer decides', 'a=ptime:30', 20, 30],
      ['ours when it says nothing', '', 40, 40],
      ['maxptime limits ours', 'a=maxptime:20', 40, 20],
      ['maxptime limits a ptime above it', 'a=ptime:60\r\na=maxptime:30', 20, 30],
      ['odd values are rounded down', 'a=ptime:25', 20, 20],
      ['at least 10', 'a=ptime:5', 20, 10],
      ['at most 60', 'a=ptime:200', 20, 60],
      ['zero means nothing', 'a=ptime:0', 20, 20],
      ['nonsense means nothing', 'a=ptime:1e9', 20, 20],
    ];
    for (const [name, attributes, ours, expected] of TIMES) {
      it(name, () => {
        const offer = peers.ASTERISK.replace(
          /a=ptime:20\r\na=maxptime:140\r\n/,
          attributes && `${attributes}\r\n`,
        );
        const result = createAnswer(offer, local({ ptimeMs: ours }));
        assert.equal(audioOf(result).ptimeMs, expected);
        assert.deepEqual(linesOf(answerOf(result), 'a=ptime'), [`a=ptime:${expected}`]);
      });
    }

    it('rounds Opus to a frame that exists', () => {
      const offer = peers.FREESWITCH.replace('a=ptime:20\r\n', 'a=ptime:50\r\n');
      assert.equal(audioOf(createAnswer(offer, local({ codecs: ['OPUS'] }))).ptimeMs, 40);
    });
  });

  describe('RTCP', () => {
    it('goes to the port of a=rtcp', () => {
      const offer = peers.BARESIP.replace('a=rtcp:10531', 'a=rtcp:53020 IN IP4 192.0.2.33');
      assert.equal(audioOf(createAnswer(offer, local())).remote.rtcpPort, 53_020);
    });

    it('is not multiplexed when we refuse', () => {
      const result = createAnswer(peers.WEBRTC_GATEWAY, local({ rtcpMux: false }));
      assert.equal(audioOf(result).rtcpMux, false);
      assert.equal(audioOf(result).remote.rtcpPort, 54_610);
      assert.deepEqual(linesOf(answerOf(result), 'a=rtcp-mux'), []);
    });

    it('is not multiplexed when the peer did not offer it', () => {
      const result = createAnswer(peers.ASTERISK, local({ rtcpMux: true }));
      assert.equal(audioOf(result).rtcpMux, false);
      assert.deepEqual(linesOf(answerOf(result), 'a=rtcp-mux'), []);
    });

    it('needs no port of its own when it is multiplexed', () => {
      const text = answerOf(createAnswer(peers.WEBRTC_GATEWAY, local({ rtcpPort: 20_001 })));
      assert.deepEqual(linesOf(text, 'a=rtcp'), ['a=rtcp-mux']);
    });

    it('has VoIP metrics when the peer asked for them, for the session or the stream (RFC 3611, 5.1)', () => {
      const asked = (offer: string): [string[], boolean | undefined] => {
        const result = createAnswer(offer, local());
        return [linesOf(answerOf(result), 'a=rtcp-xr'), audioOf(result).rtcpXr];
      };
      const yes = [['a=rtcp-xr:voip-metrics'], true];
      assert.deepEqual(asked(`${peers.ASTERISK.trimEnd()}\r\na=rtcp-xr:voip-metrics\r\n`), yes);
      assert.deepEqual(asked(peers.ASTERISK.replace('m=', 'a=rtcp-xr:pkt-loss-rle voip-metrics\r\nm=')), yes);
      assert.deepEqual(asked(peers.ASTERISK), [[], undefined]);
    });

    it('has its port named when that is not the next one', () => {
      const text = answerOf(createAnswer(peers.ASTERISK, local({ rtcpPort: 20_001 })));
      assert.deepEqual(linesOf(text, 'a=rtcp'), ['a=rtcp:20001']);
    });
  });

  describe('pitfall 3: refuses with a diagnosis', () => {
    const REFUSED: [
      name: string,
      offer: string,
      reason: string,
      diagnosis: RegExp,
      codecs?: LocalAudio['codecs'],
    ][] = [
      [
        'no common codec',
        peers.POLYCOM,
        'codec',
        /^no common codec: offered G722, PCMA, PCMU, G729; this phone allows OPUS$/,
        ['OPUS'],
      ],
      ['fax only', peers.T38, 'no-audio', /switches its audio stream off/],
      ['no media at all', peers.sdp('v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-'), 'no-audio', /no media line/],
      [
        'video only',
        peers.sdp('v=0', 'c=IN IP4 192.0.2.9', 'm=video 5000 RTP/AVP 97'),
        'no-audio',
        /only video/,
      ],
      ['DTLS', peers.WEBRTC, 'security', /UDP\/TLS\/RTP\/SAVPF/],
      ['no address', peers.ASTERISK.replace(/c=.*\r\n/, ''), 'address', /no address \(c= line\)/],
      [
        'a host name',
        peers.ASTERISK.replace(/c=.*\r\n/, 'c=IN IP4 media.example.com\r\n'),
        'address',
        /host name/,
      ],
      ['multicast', peers.ASTERISK.replace(/c=.*\r\n/, 'c=IN IP4 224.2.1.1/127\r\n'), 'address', /multicast/],
      ['no SDP at all', 'hello', 'malformed', /cannot be read/],
      ['an empty body', '', 'malformed', /cannot be read/],
    ];
    for (const [name, offer, reason, diagnosis, codecs] of REFUSED) {
      it(name, () => {
        const result = createAnswer(offer, local(codecs ? { codecs } : {}));
        assert.ok(!result.ok);
        assert.equal(result.reason, reason);
        assert.match(result.diagnosis, diagnosis);
      });
    }
  });
});
