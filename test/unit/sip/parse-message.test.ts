import assert from 'node:assert/strict';
import { canonicalHeaderName } from '../../../lib/sip/message/header-names';
import {
  parseNameAddress,
  parseParameters,
  quote,
  splitList,
  tagOf,
  unquote,
} from '../../../lib/sip/message/header-values';
import { parseMessage } from '../../../lib/sip/message/parse-message';
import { writeResponse } from '../../../lib/sip/message/serialise';
import { SipRequest, SipResponse } from '../../../lib/sip/message/sip-message';
import { parseVia, stampVia } from '../../../lib/sip/message/via';
import { seededRandom } from '../../support/random';

const INVITE = [
  'INVITE sip:bob@example.com SIP/2.0',
  'v: SIP/2.0/UDP host:5062;branch=z9hG4bK1;rport',
  'f: Alice <sip:alice@example.com>;tag=a1',
  't: "Bob, B" <sip:bob@example.com>',
  'i: call-1',
  'CSeq: 7',
  '\tINVITE',
  'x-campaign-ID: 5',
  'X-Campaign-ID: 6',
  'c: application/sdp',
  'l: 4',
  '',
  'v=0\nEXTRA',
].join('\r\n');

function parsed(text: string): SipRequest | SipResponse {
  const result = parseMessage(Buffer.from(text));
  assert.equal(result.kind, 'message');
  return (result as { message: SipRequest | SipResponse }).message;
}

describe('the message parser', () => {
  it('reads compact forms, folded lines and a body of the stated length', () => {
    const request = parsed(INVITE);
    assert.ok(request instanceof SipRequest);
    assert.deepEqual(request.toInfo(), {
      method: 'INVITE',
      requestUri: 'sip:bob@example.com',
      headers: {
        Via: ['SIP/2.0/UDP host:5062;branch=z9hG4bK1;rport'],
        From: ['Alice <sip:alice@example.com>;tag=a1'],
        To: ['"Bob, B" <sip:bob@example.com>'],
        'Call-ID': ['call-1'],
        CSeq: ['7 INVITE'],
        'X-Campaign-ID': ['5', '6'],
        'Content-Type': ['application/sdp'],
        'Content-Length': ['4'],
      },
      body: { contentType: 'application/sdp', content: 'v=0\n' },
    });
    assert.equal(request.fromTag, 'a1');
    assert.equal(request.toTag, undefined);
    assert.deepEqual(request.to, { displayName: 'Bob, B', uri: 'sip:bob@example.com', parameters: '' });
  });

  it('reads a response, with any reason or none', () => {
    const response = parsed(
      INVITE.replace(/^.*/, 'SIP/2.0 183 = 2**3 * 9**2 но сто').replace(
        'bob@example.com>\r\ni',
        'bob@example.com>;tag=b\r\ni',
      ),
    );
    assert.ok(response instanceof SipResponse);
    assert.equal(response.reason, '= 2**3 * 9**2 но сто');
    assert.equal(response.toInfo().toTag, 'b');
    assert.equal((parsed(INVITE.replace(/^.*/, 'SIP/2.0 100 ')) as SipResponse).reason, '');
    assert.equal((parsed(INVITE.replace(/^.*/, 'SIP/2.0 100')) as SipResponse).status, 100);
  });

  it('takes the rest of the datagram as body when no length is stated, and counts bytes, not characters', () => {
    assert.equal(parsed(INVITE.replace('l: 4\r\n', '')).body?.content, 'v=0\nEXTRA');
    assert.equal(parsed(INVITE.replace('v=0\nEXTRA', 'ÄÖÜ')).body?.content, 'ÄÖ');
  });

  it('never throws, whatever the bytes are', () => {
    const random = seededRandom(3261);
    const source = Buffer.from(INVITE);
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(source.subarray(0, Math.floor(random() * (source.length + 1))));
      for (let changes = random() * 6; changes > 1 && bytes.length > 0; changes--) {
        bytes[Math.floor(random() * bytes.length)] =
          random() < 0.7 ? ' \r\n<>";:,=@%[]'.charCodeAt(random() * 14) : random() * 256;
      }
      const result = parseMessage(bytes);
      if (result.kind === 'refused') writeResponse(result.request, { status: result.status, toTag: 't' });
      if (result.kind === 'message') result.message.toInfo();
    }
  });

  it('takes linear time for every kind of long field', () => {
    const long = ' '.repeat(60_000);
    const started = performance.now();
    for (const field of [
      `Via: SIP/2.0/UDP h${long}x`,
      `Via: SIP/2.0/UDP h;${long}x`,
      `Via: SIP${long}x`,
      `From:${long}"${long}`,
      `To: <${long}`,
      `CSeq: 1${long}1 1`,
      `Call-ID: ${';'.repeat(60_000)}`,
      `Contact: ${'<,'.repeat(30_000)}`,
      `X: ${'"\\'.repeat(30_000)}`,
      `${'x'.repeat(60_000)}`,
      `${'x-'.repeat(30_000)}: y`,
    ]) {
      parseMessage(Buffer.from(INVITE.replace('x-campaign-ID: 5', field)));
      parseMessage(Buffer.from(INVITE.replace('v: SIP/2.0/UDP host:5062;branch=z9hG4bK1;rport', field)));
      parseNameAddress(field);
      splitList(field);
    }
    // Milliseconds when linear, minutes when not.
    assert.ok(performance.now() - started < 3000);
  });
});

describe('header values', () => {
  it('have canonical names', () => {
    for (const [name, canonical] of [
      ['call-id', 'Call-ID'],
      ['CSEQ', 'CSeq'],
      ['www-authenticate', 'WWW-Authenticate'],
      ['x', 'Session-Expires'],
      ['K', 'Supported'],
      ['x-my-ID', 'X-My-ID'],
      ['P-Foo', 'P-Foo'],
    ]) {
      assert.equal(canonicalHeaderName(name), canonical);
    }
  });

  it('split at commas outside of quotes and brackets', () => {
    assert.deepEqual(splitList('"a, b" <sip:x,y@z>;p="1,2" , <sip:2>,, sip:3'), [
      '"a, b" <sip:x,y@z>;p="1,2"',
      '<sip:2>',
      'sip:3',
    ]);
    assert.deepEqual(splitList(''), []);
    assert.deepEqual(splitList('"open, a'), ['"open, a']);
  });

  it('keep parameters by name, quoted ones without quotes', () => {
    assert.deepEqual(
      [...parseParameters('<x>;A=1; b = "c;\\"d" ;lr;;=x;a=2')],
      [
        ['a', '1'],
        ['b', 'c;"d'],
        ['lr', null],
      ],
    );
  });

  it('find the tag only outside of the URI and of quotes', () => {
    assert.equal(tagOf('<sip:a@b;tag=no>;x=1; TAG = yes;y'), 'yes');
    assert.equal(tagOf('"x;tag=no" <sip:a@b>'), undefined);
    assert.equal(tagOf('sip:a@b;tag=1'), '1');
    assert.equal(tagOf(''), undefined);
  });

  it('quote and unquote', () => {
    assert.equal(quote('a"b\\c\r\nd'), '"a\\"b\\\\c d"');
    assert.equal(unquote(quote('a"b\\c')), 'a"b\\c');
    assert.equal(unquote('plain'), 'plain');
  });
});

describe('Via', () => {
  it('is read with blanks, IPv6 and any transport', () => {
    const via = parseVia('SIP / 2.0 / UDP [2001:db8::1] : 5070 ; branch=z9hG4bK77;rport');
    assert.deepEqual(
      [via?.transport, via?.host, via?.port, via?.branch],
      ['UDP', '2001:db8::1', 5070, 'z9hG4bK77'],
    );
    assert.equal(parseVia('SIP/2.0/UDP')?.host, undefined);
    assert.equal(parseVia('SIP/2.0/UDP host:99999'), undefined);
  });

  it('notes the source, and replaces what the sender claims about it', () => {
    const stamp = (value: string): string => {
      const via = parseVia(value.split(',')[0]);
      assert.ok(via);
      return stampVia(value, via, { address: '192.0.2.9', port: 4000 });
    };
    assert.equal(stamp('SIP/2.0/UDP 192.0.2.9:5060;branch=1'), 'SIP/2.0/UDP 192.0.2.9:5060;branch=1');
    assert.equal(stamp('SIP/2.0/UDP host;branch=1'), 'SIP/2.0/UDP host;branch=1;received=192.0.2.9');
    assert.equal(
      stamp('SIP/2.0/UDP 192.0.2.9;rport;branch=1, SIP/2.0/UDP b;branch=2'),
      'SIP/2.0/UDP 192.0.2.9;branch=1;received=192.0.2.9;rport=4000, SIP/2.0/UDP b;branch=2',
    );
    assert.equal(
      stamp('SIP/2.0/UDP 192.0.2.9;received=6.6.6.6;rport=6;branch=1'),
      'SIP/2.0/UDP 192.0.2.9;branch=1;received=192.0.2.9;rport=4000',
    );
  });
});
