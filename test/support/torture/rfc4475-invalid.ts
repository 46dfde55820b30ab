import { callIdOf, SDP, tagOf, usualEchoes, type Composer } from './compose';
import type { Expectation, TortureCase } from './types';

const BAD_REQUEST: Expectation = { kind: 'response', status: 400 };
const CALL: Expectation = { kind: 'call' };
const SILENCE: Expectation = { kind: 'silence' };
const HUGE = (2n ** 65n).toString();

/** RFC 4475, 3.1.2: messages that break the grammar. */
export function invalidSyntax(compose: Composer): TortureCase[] {
  return [...brokenFraming(compose), ...brokenFields(compose), ...brokenStartLines(compose)];
}

function brokenFraming(compose: Composer): TortureCase[] {
  return [
    {
      name: 'clerr',
      section: 'RFC 4475, 3.1.2.2',
      title: 'Content-Length larger than the message',
      bytes: compose.invite('clerr', { contentLength: 'Content-Length: 9999' }),
      expect: BAD_REQUEST,
      why: 'A datagram that ends before its body does is broken (RFC 3261, 18.3).',
      echoes: usualEchoes('clerr', 'INVITE'),
      framing: 'datagram',
    },
    {
      name: 'ncl',
      section: 'RFC 4475, 3.1.2.3',
      title: 'Negative Content-Length',
      bytes: compose.invite('ncl', { contentLength: 'Content-Length: -999' }),
      expect: BAD_REQUEST,
      why: 'A length cannot be negative. On a stream nothing can be read after it.',
      echoes: usualEchoes('ncl', 'INVITE'),
      framing: 'any',
      breaksStream: true,
    },
    {
      name: 'scalar02',
      section: 'RFC 4475, 3.1.2.4',
      title: 'Request with scalar fields that are too large',
      bytes: compose.register('scalar02', {
        cseq: `CSeq: ${HUGE} REGISTER`,
        maxForwards: 'Max-Forwards: 300',
        extra: [`Expires: 1${'0'.repeat(100)}`, `Contact: <sip:user@host5.example.com>;expires=${HUGE}`],
      }),
      expect: BAD_REQUEST,
      why: 'CSeq must be below 2^31 (RFC 3261, 8.1.1.5). No number may wrap around.',
      echoes: [`tag=${tagOf('scalar02')}`, callIdOf('scalar02')],
      framing: 'any',
    },
    {
      name: 'scalarlg',
      section: 'RFC 4475, 3.1.2.5',
      title: 'Response with scalar fields that are too large',
      bytes: compose.message('scalarlg', 'OPTIONS', {
        start: 'SIP/2.0 503 Service Unavailable',
        cseq: `CSeq: ${HUGE}0 OPTIONS`,
        extra: [`Retry-After: ${HUGE}${HUGE}`, 'Warning: 1399 torture "four digits"'],
      }),
      expect: SILENCE,
      why: 'A response is never answered; a broken one is dropped.',
      echoes: [],
      framing: 'any',
    },
    {
      name: 'bigcode',
      section: 'RFC 4475, 3.1.2.19',
      title: 'Overlarge response code',
      bytes: compose.message('bigcode', 'INVITE', {
        start: 'SIP/2.0 4294967301 This is 2^32 + 5',
      }),
      expect: SILENCE,
      why: 'A response is never answered; 4294967301 must not become 5.',
      echoes: [],
      framing: 'any',
    },
  ];
}

function brokenFields(compose: Composer): TortureCase[] {
  return [
    {
      name: 'badinv01',
      section: 'RFC 4475, 3.1.2.1',
      title: 'Extraneous header field separators',
      bytes: compose.message('badinv01', 'INVITE', {
        start: 'INVITE sip:user@example.com SIP/2.0',
        via: `${compose.via('badinv01')};;,;,,`,
        contact: 'Contact: "Joe" <sip:joe@example.net>;;;;',
        extra: ['Accept: ,, ,application/sdp'],
        body: SDP,
      }),
      expect: BAD_REQUEST,
      why: 'Parameters and list items may not be empty in Via and Contact.',
      or: [CALL],
      alternatives: 'A tolerant parser can step over empty parameters and items, since nothing is ambiguous.',
      echoes: usualEchoes('badinv01', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'quotbal',
      section: 'RFC 4475, 3.1.2.6',
      title: 'Unterminated quoted string in a display name',
      bytes: compose.invite('quotbal', { to: 'To: "Never closed <sip:user@example.com>' }),
      expect: BAD_REQUEST,
      why: 'Where the string ends cannot be known.',
      echoes: usualEchoes('quotbal', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'baddate',
      section: 'RFC 4475, 3.1.2.12',
      title: 'Invalid time zone in a Date',
      bytes: compose.invite('baddate', { extra: ['Date: Mon, 02 Feb 2026 08:00:00 EST'] }),
      expect: CALL,
      why: 'SIP dates are GMT only, but a user agent does not need the Date to take a call, and 21.4.1 does not force it to look.',
      or: [BAD_REQUEST],
      alternatives: 'A strict element answers 400.',
      echoes: usualEchoes('baddate', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'regbadct',
      section: 'RFC 4475, 3.1.2.13',
      title: 'Contact URI with headers that is not in < >',
      bytes: compose.register('regbadct', {
        extra: ['Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E'],
      }),
      expect: { kind: 'response', status: [400, 405, 501] },
      why: 'A URI with a question mark must be enclosed (RFC 3261, 20.10): 400.',
      alternatives: 'A user agent that looks at the method first answers 405.',
      echoes: usualEchoes('regbadct', 'REGISTER'),
      framing: 'any',
    },
    {
      name: 'badaspec',
      section: 'RFC 4475, 3.1.2.14',
      title: 'Spaces within an addr-spec',
      bytes: compose.options('badaspec', { to: 'To: "User" < sip:user@example.com >' }),
      expect: { kind: 'response', status: [400, 200] },
      why: 'No white space may stand inside < >.',
      alternatives: 'The meaning is clear, so a tolerant parser answers 200.',
      echoes: usualEchoes('badaspec', 'OPTIONS'),
      framing: 'any',
    },
    {
      name: 'baddn',
      section: 'RFC 4475, 3.1.2.15',
      title: 'Display name with a character that is no token',
      bytes: compose.options('baddn', {
        from: `From: Caller, The <sip:caller@example.net>;tag=${tagOf('baddn')}`,
      }),
      expect: { kind: 'response', status: [400, 200] },
      why: 'A comma needs quotes.',
      alternatives:
        'From cannot be a list, so a tolerant parser takes everything before < as the name and answers 200.',
      echoes: usualEchoes('baddn', 'OPTIONS'),
      framing: 'any',
    },
  ];
}

function brokenStartLines(compose: Composer): TortureCase[] {
  return [
    {
      name: 'ltgtruri',
      section: 'RFC 4475, 3.1.2.7',
      title: '< > around the Request-URI',
      bytes: compose.invite('ltgtruri', { start: 'INVITE <sip:user@example.com> SIP/2.0' }),
      expect: BAD_REQUEST,
      why: 'The brackets are not part of a Request-URI; the RFC advises to refuse.',
      echoes: usualEchoes('ltgtruri', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'lwsruri',
      section: 'RFC 4475, 3.1.2.8',
      title: 'White space inside the Request-URI',
      bytes: compose.invite('lwsruri', { start: 'INVITE sip:user@example.com; lr SIP/2.0' }),
      expect: BAD_REQUEST,
      why: 'A request line has three parts.',
      echoes: usualEchoes('lwsruri', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'lwsstart',
      section: 'RFC 4475, 3.1.2.9',
      title: 'Several spaces between the parts of the request line',
      bytes: compose.invite('lwsstart', { start: 'INVITE  sip:user@example.com  SIP/2.0' }),
      expect: BAD_REQUEST,
      why: 'Exactly one space separates the parts.',
      or: [CALL],
      alternatives: 'The RFC allows to step over the extra spaces.',
      echoes: usualEchoes('lwsstart', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'trws',
      section: 'RFC 4475, 3.1.2.10',
      title: 'Spaces at the end of the request line',
      bytes: compose.options('trws', { start: 'OPTIONS sip:user@example.com SIP/2.0  ' }),
      expect: { kind: 'response', status: [400, 200] },
      why: 'CRLF must follow the version.',
      alternatives: 'The RFC allows to ignore the spaces and answer 200.',
      echoes: usualEchoes('trws', 'OPTIONS'),
      framing: 'any',
    },
    {
      name: 'escruri',
      section: 'RFC 4475, 3.1.2.11',
      title: 'Escaped headers in the Request-URI',
      bytes: compose.invite('escruri', {
        start: 'INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0',
      }),
      expect: BAD_REQUEST,
      why: 'Header components may not stand in a Request-URI (RFC 3261, 19.1.1).',
      or: [CALL],
      alternatives: 'A tolerant element ignores them; in no case may it act on them.',
      echoes: usualEchoes('escruri', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'badvers',
      section: 'RFC 4475, 3.1.2.16',
      title: 'Unknown protocol version',
      bytes: compose.options('badvers', {
        start: 'OPTIONS sip:user@example.com SIP/7.0',
        via: compose.via('badvers').replace('SIP/2.0', 'SIP/7.0'),
      }),
      expect: { kind: 'response', status: 505 },
      why: 'The version is not ours, and 505 says so (RFC 3261, 21.5.6).',
      echoes: usualEchoes('badvers', 'OPTIONS'),
      framing: 'any',
    },
    {
      name: 'mismatch01',
      section: 'RFC 4475, 3.1.2.17',
      title: 'Methods of start line and CSeq differ',
      bytes: compose.options('mismatch01', { cseq: 'CSeq: 8 INVITE' }),
      expect: BAD_REQUEST,
      why: 'Both must be the same (RFC 3261, 8.1.1.5).',
      echoes: usualEchoes('mismatch01', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'mismatch02',
      section: 'RFC 4475, 3.1.2.18',
      title: 'Unknown method, and the CSeq has another one',
      bytes: compose.message('mismatch02', 'INVITE', {
        start: 'NOSUCHMETHOD sip:user@example.com SIP/2.0',
        body: SDP,
      }),
      expect: { kind: 'response', status: [501, 400, 405] },
      why: 'Unknown (501) and broken (400): the RFC prefers 501, and the INVITE in the CSeq may start no call.',
      echoes: usualEchoes('mismatch02', 'INVITE'),
      framing: 'any',
    },
  ];
}
