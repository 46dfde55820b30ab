import assert from 'node:assert/strict';
import { parseMessage } from '../../../lib/sip/message/parse-message';
import type { SipRequest, SipResponse } from '../../../lib/sip/message/sip-message';
import { SDP } from '../../wire/sip/support/raw-peer';

const BEFORE = [
  'Via: SIP/2.0/UDP h;branch=z9hG4bKm',
  'From: <sip:a@h>;tag=1',
  'To: <sip:b@h>',
  'Call-ID: multipart',
  'Contact: <sip:a@h>',
];

function read(lines: string[], body: string, method = 'INVITE', status?: string): SipRequest | SipResponse {
  const start = status === undefined ? `${method} sip:b@h SIP/2.0` : `SIP/2.0 ${status}`;
  const head = [
    start,
    ...BEFORE,
    `CSeq: 1 ${method}`,
    ...lines,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const result = parseMessage(Buffer.from([...head, '', body].join('\r\n')));
  assert.equal(result.kind, 'message');
  return (result as { message: SipRequest | SipResponse }).message;
}

const part = (lines: string[], content: string): string => [...lines, '', content].join('\r\n');
const SESSION = part(['Content-Type: application/sdp'], SDP);
const LOCATION = part(['Content-Type: application/pidf+xml', 'Content-ID: <loc@h>'], '<presence/>');
const ISUP = (disposition: string): string =>
  part(
    ['Content-Type: application/isup;version=itu-t92+', `Content-Disposition: ${disposition}`],
    '\u0001\u0000\u0006',
  );
const mixed = (parts: string[], boundary = 'b'): string =>
  `${parts.map((each) => `--${boundary}\r\n${each}\r\n`).join('')}--${boundary}--\r\n`;
const MIXED = 'Content-Type: multipart/mixed;boundary=b';

describe('the session description of a message (RFC 5621)', () => {
  const FOUND: Record<string, [lines: string[], body: string]> = {
    'a plain body': [['Content-Type: application/sdp'], SDP],
    'a plain body with parameters, in other letters': [['c: Application/SDP ; charset="utf-8"'], SDP],
    'a plain body with its disposition': [
      ['Content-Type: application/sdp', 'Content-Disposition: session;handling=required'],
      SDP,
    ],
    'SDP before a location': [[MIXED], mixed([SESSION, LOCATION])],
    'SDP behind a location': [[MIXED], mixed([LOCATION, SESSION])],
    'SDP beside ISUP that is optional': [[MIXED], mixed([ISUP('signal;handling=optional'), SESSION])],
    'SDP beside ISUP that says nothing': [[MIXED], mixed([ISUP('signal'), SESSION])],
    'a quoted boundary with blanks and odd characters': [
      [`Content-Type: Multipart/Mixed ; charset=x; BOUNDARY = "a b'()+_,-./:=?"`],
      mixed([LOCATION, SESSION], "a b'()+_,-./:=?"),
    ],
    'a preamble and an epilogue': [
      [MIXED],
      `For MIME readers.\r\n--bogus\r\n${mixed([LOCATION, SESSION])}Nothing.\r\n--b\r\n${LOCATION}`,
    ],
    'blanks behind the boundaries': [[MIXED], mixed([LOCATION, SESSION]).replaceAll('--b\r\n', '--b \t\r\n')],
    'no last boundary': [[MIXED], `--b\r\n${LOCATION}\r\n--b\r\n${SESSION}`],
    'a last boundary without line end': [[MIXED], mixed([LOCATION, SESSION]).trimEnd()],
    'bare line feeds': [[MIXED], mixed([LOCATION, SESSION]).replaceAll('\r\n', '\n')],
    'fields in other letters, folded, with blanks': [
      [MIXED],
      mixed([LOCATION, part(['content-TYPE :', ' APPLICATION/sdp ;', '\tcharset=x', 'X: y'], SDP)]),
    ],
    'a disposition of the part': [
      [MIXED],
      mixed([
        part(['Content-Type: application/sdp', 'Content-Disposition: Session; handling=required'], SDP),
        LOCATION,
      ]),
    ],
    'SDP of an early session first': [
      [MIXED],
      mixed([
        part(
          ['Content-Type: application/sdp', 'Content-Disposition: early-session;handling=optional'],
          'v=1',
        ),
        SESSION,
      ]),
    ],
    'the last of alternatives that is understood': [
      ['Content-Type: multipart/alternative; boundary=b'],
      mixed([
        part(['Content-Type: application/sdp'], 'v=1\r\n'),
        SESSION,
        part(
          ['Content-Type: application/x-next;version=9', 'Content-Disposition: session;handling=required'],
          '?',
        ),
      ]),
    ],
    'the root of related parts': [
      ['Content-Type: multipart/related;boundary=b;start="<root@h>";type="application/sdp"'],
      mixed([
        part(['Content-Type: application/sdp', 'Content-ID: <other@h>'], 'v=1\r\n'),
        part(['Content-Type: application/sdp', 'Content-ID: <root@h>'], SDP),
      ]),
    ],
    'nested parts': [
      [MIXED],
      mixed([
        LOCATION,
        part(['Content-Type: multipart/alternative;boundary=b2'], mixed([LOCATION, SESSION], 'b2')),
      ]),
    ],
    'a signed body, an unknown kind of multipart': [
      ['Content-Type: multipart/signed;boundary=b;protocol="application/pkcs7-signature"'],
      mixed([
        SESSION,
        part(['Content-Type: application/pkcs7-signature', 'Content-Transfer-Encoding: base64'], 'A'),
      ]),
    ],
  };
  for (const [name, [lines, body]] of Object.entries(FOUND)) {
    it(`is found: ${name}`, () => {
      for (const message of [
        read(lines, body),
        read(lines, body, 'UPDATE'),
        read(lines, body, 'PRACK'),
        read(lines, body, 'ACK'),
        read(lines, body, 'INVITE', '183 Session Progress'),
        read(lines, body, 'INVITE', '200 OK'),
        read(lines, body, 'PRACK', '200 OK'),
      ]) {
        const content = body.includes('\r\n') ? SDP : SDP.replaceAll('\r\n', '\n');
        assert.deepEqual(message.content.fault, undefined);
        assert.equal(message.body?.content.trimEnd(), content.trimEnd());
        assert.match(message.body?.contentType ?? '', /^application\/sdp$/);
        assert.deepEqual(message.toInfo().body, message.body);
      }
    });
  }

  const NONE: Record<string, [fault: string | undefined, lines: string[], body: string]> = {
    'an unknown body': ['type', ['Content-Type: application/x-other'], 'x'],
    'an unknown body that is optional': [
      undefined,
      ['Content-Type: application/x-other', 'Content-Disposition: render; Handling="OPTIONAL"'],
      'x',
    ],
    'a compressed body': ['encoding', ['Content-Type: application/sdp', 'Content-Encoding: gzip'], SDP],
    'a location alone': ['type', [MIXED], mixed([LOCATION])],
    'optional parts alone': [undefined, [MIXED], mixed([ISUP('signal;handling=optional')])],
    'a multipart body that is optional': [
      undefined,
      [MIXED, 'Content-Disposition: render;handling=optional'],
      mixed([LOCATION]),
    ],
    'no boundary': ['malformed', ['Content-Type: multipart/mixed'], mixed([SESSION])],
    'another boundary': ['malformed', ['Content-Type: multipart/mixed;boundary=c'], mixed([SESSION])],
    'letters of the boundary in another case': [
      'malformed',
      ['Content-Type: multipart/mixed;boundary=B'],
      mixed([SESSION]),
    ],
    'too many parts': ['malformed', [MIXED], mixed([...Array<string>(200).fill(LOCATION), SESSION])],
    'an SDP part in base64': [
      'type',
      [MIXED],
      mixed([part(['Content-Type: application/sdp', 'Content-Transfer-Encoding: base64'], 'dj0w')]),
    ],
  };
  for (const [name, [fault, lines, body]] of Object.entries(NONE)) {
    it(`is none: ${name}`, () => {
      const message = read(lines, body);
      assert.equal(message.content.fault, fault);
      assert.equal(message.body, undefined);
      assert.deepEqual(message.entity?.content, body);
    });
  }

  it('is taken, and refused in requests, beside a part that must be understood', () => {
    const message = read([MIXED], mixed([SESSION, ISUP('signal;handling=required')]));
    assert.equal(message.body?.content, SDP);
    assert.equal(message.content.fault, 'type');
  });

  it('is looked for in messages about sessions only', () => {
    assert.equal(read([MIXED], mixed([SESSION]), 'MESSAGE').body?.contentType, 'multipart/mixed;boundary=b');
    assert.equal(
      read(['Content-Type: message/sipfrag'], 'SIP/2.0 100', 'NOTIFY').body?.content,
      'SIP/2.0 100',
    );
  });

  it('takes linear time, however boundaries and parts are arranged', () => {
    const started = performance.now();
    for (const body of [
      '--b'.repeat(18_000),
      '\n--b'.repeat(12_000),
      `--b\r\n${'X'.repeat(55_000)}`,
      `--b\r\n${' \r\n'.repeat(18_000)}`,
      `--b\r\n${'a:\r\n '.repeat(10_000)}`,
    ]) {
      read([MIXED], body).content;
      read([`Content-Type: multipart/mixed;${'boundary;'.repeat(500)}boundary=b`], body).content;
    }
    let nested = SESSION;
    for (let depth = 0; depth < 30; depth++) {
      nested = part([`Content-Type: multipart/mixed;boundary=n${depth}`], mixed([nested], `n${depth}`));
    }
    assert.equal(
      read(['Content-Type: multipart/mixed;boundary=b'], mixed([nested])).content.fault,
      'malformed',
    );
    assert.ok(performance.now() - started < 1000);
  });
});
