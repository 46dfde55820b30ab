import { branchOf, callIdOf, join, SDP, tagOf, usualEchoes, type Composer } from './compose';
import type { Expectation, TortureCase } from './types';

const NO_REGISTRAR: Expectation = { kind: 'response', status: [405, 501], headers: { Allow: /INVITE/ } };
const NO_DIALOG: Expectation = { kind: 'response', status: 481 };

/** RFC 5118: IPv6 in SIP and SDP. */
export function ipv6(compose: Composer): TortureCase[] {
  return [...uris(compose), ...vias(compose), ...calls(compose)];
}

function uris(compose: Composer): TortureCase[] {
  const register = (name: string, section: string, title: string, uri: string): TortureCase => ({
    name,
    section: `RFC 5118, ${section}`,
    title,
    bytes: compose.register(name, {
      start: `REGISTER ${uri} SIP/2.0`,
      extra: ['Contact: <sip:caller@[2001:db8::1]>'],
    }),
    expect: NO_REGISTRAR,
    why: 'The URI is right; a user agent is no registrar.',
    echoes: usualEchoes(name, 'REGISTER'),
    framing: 'any',
  });
  const reference = (name: string, colons: string, why: string): TortureCase => ({
    name,
    section: 'RFC 5118, 4.10',
    title: `IPv6 reference with ${colons.length} colons before an IPv4 part`,
    bytes: compose.options(name, {
      start: `OPTIONS sip:user@[2001:db8${colons}192.0.2.1] SIP/2.0`,
      to: `To: sip:user@[2001:db8${colons}192.0.2.1]`,
    }),
    expect: { kind: 'response', status: 200 },
    why,
    echoes: [...usualEchoes(name, 'OPTIONS'), `[2001:db8${colons}192.0.2.1]`],
    framing: 'any',
  });
  return [
    register('ipv6-good', '4.1', 'Request-URI with an IPv6 reference', 'sip:[2001:db8::10]'),
    {
      ...register('ipv6-bad', '4.2', 'Request-URI with a bare IPv6 address', 'sip:2001:db8::10'),
      expect: { kind: 'response', status: [400, 405, 501] },
      why: 'Without brackets the address is no host: 400.',
      alternatives: 'A user agent that looks at the method first answers 405.',
    },
    {
      ...register(
        'port-ambiguous',
        '4.3',
        'What looks like a port is part of the address',
        'sip:[2001:db8::10:5070]',
      ),
      why: 'Inside the brackets everything is address: it is 2001:db8::10:5070 on the default port.',
    },
    register('port-unambiguous', '4.4', 'Port behind the brackets', 'sip:[2001:db8::10]:5070'),
    {
      ...reference(
        'ipv6-bug-abnf-3-colons',
        ':::',
        'The grammar of RFC 3261 produced this by mistake, and an implementation must tolerate it.',
      ),
      or: [{ kind: 'response', status: 400 }],
      alternatives: 'RFC 5954 corrected the grammar, and strict implementations refuse the third colon.',
    },
    reference('ipv6-correct-abnf-2-colons', '::', 'This is the correct form of RFC 4291.'),
  ];
}

function vias(compose: Composer): TortureCase[] {
  const received = (name: string, value: string, why: string): TortureCase => ({
    name,
    section: 'RFC 5118, 4.5',
    title: `received=${value}`,
    bytes: compose.message(name, 'BYE', {
      start: 'BYE sip:user@[2001:db8::9:1] SIP/2.0',
      via: join([
        compose.via(name),
        `Via: SIP/2.0/UDP [2001:db8::9:1];received=${value};branch=z9hG4bK-hop-2`,
      ]),
      to: 'To: sip:user@example.com;tag=no-such-dialog',
    }),
    expect: NO_DIALOG,
    why: `${why} The BYE belongs to no dialog.`,
    echoes: [...usualEchoes(name, 'BYE'), `received=${value}`],
    framing: 'any',
  });
  return [
    received(
      'via-received-param-with-delim',
      '[2001:db8::9:255]',
      'The grammar wants no brackets here, but they are common and must be accepted.',
    ),
    received('via-received-param-no-delim', '2001:db8::9:255', 'This is what the grammar says.'),
    {
      name: 'mult-ip-in-header',
      section: 'RFC 5118, 4.7',
      title: 'IPv4 and IPv6 in one request',
      bytes: compose.message('mult-ip-in-header', 'BYE', {
        start: 'BYE sip:user@host.example.net SIP/2.0',
        via: join([
          compose.via('mult-ip-in-header'),
          'Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bK-hop-2',
          'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-hop-3',
          'Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK-hop-4;received=192.0.2.200',
        ]),
        to: 'To: sip:bob@example.net;tag=no-such-dialog',
      }),
      expect: NO_DIALOG,
      why: 'Both families may meet in one path; all Vias go back as they came. The BYE belongs to no dialog.',
      echoes: [
        ...usualEchoes('mult-ip-in-header', 'BYE'),
        '[2001:db8::9:1]:6050;branch=z9hG4bK-hop-2',
        '[2001:db8::9:255];branch=z9hG4bK-hop-4;received=192.0.2.200',
      ],
      framing: 'any',
    },
  ];
}

function calls(compose: Composer): TortureCase[] {
  const mapped = '[::ffff:192.0.2.10]:19823';
  return [
    {
      name: 'ipv6-in-sdp',
      section: 'RFC 5118, 4.6',
      title: 'IPv6 addresses in SDP',
      bytes: compose.invite('ipv6-in-sdp', {
        start: 'INVITE sip:user@[2001:db8::10] SIP/2.0',
        body: SDP.replaceAll('IN IP4 192.0.2.77', 'IN IP6 2001:db8::20'),
      }),
      expect: { kind: 'call', calledUser: 'user', requestUri: 'sip:user@[2001:db8::10]' },
      why: 'In SDP an IPv6 address has no brackets.',
      echoes: usualEchoes('ipv6-in-sdp', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'mult-ip-in-sdp',
      section: 'RFC 5118, 4.8',
      title: 'One stream by IPv4, one by IPv6, and no session-level address',
      bytes: compose.invite('mult-ip-in-sdp', {
        body: [
          'v=0',
          'o=torture 1 1 IN IP4 192.0.2.77',
          's=-',
          't=0 0',
          'm=audio 22334 RTP/AVP 0 8',
          'c=IN IP4 192.0.2.77',
          'm=video 6024 RTP/AVP 107',
          'c=IN IP6 2001:db8::1',
          'a=rtpmap:107 H263-1998/90000',
          '',
        ].join('\r\n'),
      }),
      expect: { kind: 'call', calledUser: 'user' },
      why: 'Every stream may have its own address and family.',
      echoes: usualEchoes('mult-ip-in-sdp', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'ipv4-mapped-ipv6',
      section: 'RFC 5118, 4.9',
      title: 'IPv4-mapped IPv6 addresses',
      bytes: compose.invite('ipv4-mapped-ipv6', {
        via: join([compose.via('ipv4-mapped-ipv6'), `Via: SIP/2.0/UDP ${mapped};branch=z9hG4bK-hop-2`]),
        from: `From: sip:caller@${mapped};tag=${tagOf('ipv4-mapped-ipv6')}`,
        extra: [`Record-Route: <sip:${mapped};lr>`],
        body: SDP.replaceAll('IN IP4 192.0.2.77', 'IN IP6 ::ffff:192.0.2.2'),
      }),
      expect: { kind: 'call', calledUser: 'user' },
      why: 'The dotted part is legal in an IPv6 address.',
      echoes: [branchOf('ipv4-mapped-ipv6'), callIdOf('ipv4-mapped-ipv6'), mapped, 'z9hG4bK-hop-2'],
      framing: 'any',
    },
  ];
}
