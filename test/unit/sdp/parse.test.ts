import assert from 'node:assert/strict';
import { SDP_LIMITS, SdpError, parseSdp, writeSdp } from '../../../lib/sdp';
import * as peers from './peers';

const SAMPLES = Object.entries(peers).filter(
  (entry): entry is [string, string] => typeof entry[1] === 'string',
);

describe('sdp: parseSdp', () => {
  it('reads every part of a description', () => {
    const text = peers.sdp(
      'v=0',
      'o=anna 18446744073709551615 2 IN IP6 2001:db8::1',
      's=A call',
      'i=about',
      'c=IN IP4 224.2.1.1/127/3',
      'b=AS:125',
      't=0 0',
      'a=tool:x:y',
      'a=inactive',
      'm=audio 49170/2 rtp/avp 0 8',
      'i=the audio',
      'c=IN IP4 192.0.2.1',
      'c=IN IP4 192.0.2.2',
      'b=TIAS:64000',
      'a=rtpmap:0 PCMU/8000',
    );
    assert.deepEqual(parseSdp(text), {
      origin: {
        username: 'anna',
        sessionId: '18446744073709551615',
        sessionVersion: '2',
        addressType: 'IP6',
        address: '2001:db8::1',
      },
      sessionName: 'A call',
      connections: [{ addressType: 'IP4', address: '224.2.1.1', suffix: '127/3' }],
      attributes: [{ name: 'tool', value: 'x:y' }, { name: 'inactive' }],
      others: [
        { type: 'i', value: 'about' },
        { type: 'b', value: 'AS:125' },
        { type: 't', value: '0 0' },
      ],
      media: [
        {
          media: 'audio',
          port: 49_170,
          portCount: 2,
          protocol: 'rtp/avp',
          formats: ['0', '8'],
          connections: [
            { addressType: 'IP4', address: '192.0.2.1' },
            { addressType: 'IP4', address: '192.0.2.2' },
          ],
          attributes: [{ name: 'rtpmap', value: '0 PCMU/8000' }],
          others: [
            { type: 'i', value: 'the audio' },
            { type: 'b', value: 'TIAS:64000' },
          ],
        },
      ],
    });
  });

  const TOLERATED: [name: string, text: string][] = [
    ['LF only', 'v=0\nc=IN IP4 192.0.2.1\nm=audio 5000 RTP/AVP 0\na=ptime:20\n'],
    ['CR only', 'v=0\rc=IN IP4 192.0.2.1\rm=audio 5000 RTP/AVP 0\ra=ptime:20\r'],
    ['no end of the last line', 'v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 5000 RTP/AVP 0\r\na=ptime:20'],
    ['missing v= o= s= t=', 'c=IN IP4 192.0.2.1\r\nm=audio 5000 RTP/AVP 0\r\na=ptime:20\r\n'],
    [
      'blank lines and text',
      'v=0\r\n\r\nc=IN IP4 192.0.2.1\r\nhello\r\nm=audio 5000 RTP/AVP 0\r\na=ptime:20\r\n',
    ],
    ['spaces', 'v=0 \r\nc=IN  IP4 192.0.2.1 \r\nm=audio  5000 RTP/AVP  0 \r\na=ptime: 20\r\n'],
    ['lower-case names', 'v=0\r\nc=in ip4 192.0.2.1\r\nm=AUDIO 5000 rtp/avp 0\r\na=ptime:20\r\n'],
    ['a broken o=', 'v=0\r\no=- 1\r\nc=IN IP4 192.0.2.1\r\nm=audio 5000 RTP/AVP 0\r\na=ptime:20\r\n'],
  ];
  for (const [name, text] of TOLERATED) {
    it(`tolerates ${name}`, () => {
      const { connections, media } = parseSdp(text);
      assert.deepEqual(connections, [{ addressType: 'IP4', address: '192.0.2.1' }]);
      assert.equal(media[0]?.protocol.toUpperCase(), 'RTP/AVP');
      assert.equal(media[0]?.attributes[0]?.value?.trim(), '20');
      assert.deepEqual(media, [
        {
          ...media[0],
          media: 'audio',
          port: 5000,
          formats: ['0'],
          connections: [],
          others: [],
        },
      ]);
    });
  }

  it('takes a c= line that makes no sense as absent', () => {
    for (const line of ['c=IN IP4', 'c=IN', 'c=', 'c=IN IP4 /127']) {
      assert.deepEqual(parseSdp(peers.sdp('v=0', line)).connections, [], line);
    }
  });

  const media = (count: number): string => 'm=audio 5000 RTP/AVP 0\n'.repeat(count);
  const REFUSED: [name: string, text: string, reason: string, line?: number][] = [
    ['nothing', '', 'empty'],
    ['only white space', ' \r\n\r\n', 'empty'],
    ['no description', '<html>\n</html>', 'empty'],
    ['another version', 'v=1\r\n', 'version', 1],
    ['an m= line without protocol', 'v=0\r\nm=audio 5000\r\n', 'malformed', 2],
    ['an m= line with a wrong port', 'v=0\r\nm=audio 65536 RTP/AVP 0\r\n', 'malformed', 2],
    ['an m= line with a named port', 'v=0\r\nm=audio sip RTP/AVP 0\r\n', 'malformed', 2],
    ['a negative port', 'v=0\r\nm=audio -1 RTP/AVP 0\r\n', 'malformed', 2],
    ['control characters in an m= line', 'v=0\r\nm=au\u0000dio 5 RTP/AVP 0\r\n', 'malformed', 2],
    ['too many characters', `a=${'x'.repeat(SDP_LIMITS.characters)}`, 'too-large'],
    ['too many lines', 'a=x\n'.repeat(SDP_LIMITS.lines + 1), 'too-large'],
    ['too many media', media(SDP_LIMITS.media + 1), 'too-large', SDP_LIMITS.media + 1],
    ['too many formats', `m=audio 5 RTP/AVP${' 0'.repeat(SDP_LIMITS.formatsPerMedia + 1)}`, 'too-large', 1],
  ];
  for (const [name, text, reason, line] of REFUSED) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => parseSdp(text),
        (error) => error instanceof SdpError && error.reason === reason && error.line === line,
      );
    });
  }

  it('accepts what is just within the limits', () => {
    assert.equal(parseSdp(media(SDP_LIMITS.media)).media.length, SDP_LIMITS.media);
    const formats = `m=audio 5 RTP/AVP${' 0'.repeat(SDP_LIMITS.formatsPerMedia)}`;
    assert.equal(parseSdp(formats).media[0]?.formats.length, SDP_LIMITS.formatsPerMedia);
  });
});

describe('sdp: writeSdp', () => {
  for (const [name, text] of SAMPLES) {
    it(`loses nothing of ${name}`, () => {
      const description = parseSdp(text);
      assert.deepEqual(parseSdp(writeSdp(description)), description);
      assert.deepEqual(writeSdp(description).split('\r\n').sort(), text.split('\r\n').sort());
    });
  }

  it('orders lines as RFC 8866 wants, keeps repetitions with their time', () => {
    const text =
      'k=x\na=y\nz=0 0\nt=1 2\nr=1\nt=3 4\nb=AS:1\nc=IN IP4 192.0.2.1\np=1\ne=a@b\nu=u\ni=i\nq=?\ns=name\n';
    assert.deepEqual(writeSdp(parseSdp(text)).split('\r\n'), [
      'v=0',
      'o=- 0 0 IN IP4 0.0.0.0',
      's=name',
      'i=i',
      'u=u',
      'e=a@b',
      'p=1',
      'c=IN IP4 192.0.2.1',
      'b=AS:1',
      't=1 2',
      'r=1',
      't=3 4',
      'z=0 0',
      'k=x',
      'q=?',
      'a=y',
      '',
    ]);
  });

  it('lets no value start a line of its own', () => {
    const description = parseSdp(peers.ASTERISK);
    description.sessionName = 'x\r\nm=audio 9 RTP/AVP 0';
    description.attributes.push({ name: 'tool', value: 'a\nb=c\0' });
    assert.equal(parseSdp(writeSdp(description)).media.length, 1);
    assert.match(writeSdp(description), /\r\ns=x m=audio 9 RTP\/AVP 0\r\n/);
  });
});
