import { branchOf, callIdOf, join, mixed, SDP, tagOf, usualEchoes, type Composer } from './compose';
import type { Expectation, TortureCase } from './types';

/** Not a registrar: REGISTER is a method that a user agent knows and does not allow. */
const NO_REGISTRAR: Expectation = { kind: 'response', status: [405, 501], headers: { Allow: /INVITE/ } };

/** RFC 4475, 3.1.1: messages that are right, however odd they look. */
export function validSyntax(compose: Composer): TortureCase[] {
  return [
    tortuousInvite(compose),
    wideRangeOfCharacters(compose),
    {
      name: 'esc01',
      section: 'RFC 4475, 3.1.1.3',
      title: 'Valid use of the % escaping mechanism',
      bytes: compose.invite('esc01', {
        start: 'INVITE sip:tel%3A%2B49%40home@example.net SIP/2.0',
        to: 'To: sip:%75s%65r@example.com',
        from: `From: <sip:two%20words%20more@example.net>;tag=${tagOf('esc01')}`,
        contact: 'Contact: <sip:c%61ller@host5.example.net;%6Cr;%78-name=%76alue%2541>',
      }),
      expect: {
        kind: 'call',
        calledUser: 'tel:+49@home',
        requestUri: 'sip:tel%3A%2B49%40home@example.net',
      },
      why: 'Escapes are legal in user parts and parameters; the called user is what they stand for.',
      echoes: [...usualEchoes('esc01', 'INVITE'), 'sip:%75s%65r@example.com', 'two%20words%20more'],
      framing: 'any',
    },
    {
      name: 'escnull',
      section: 'RFC 4475, 3.1.1.4',
      title: 'Escaped nulls in URIs',
      bytes: compose.register('escnull', {
        to: 'To: sip:a-%00-b@example.com',
        from: `From: sip:a-%00-b@example.com;tag=${tagOf('escnull')}`,
        extra: ['Contact: <sip:%00@host5.example.com>', 'Contact: <sip:%00%00@host5.example.com>'],
      }),
      expect: NO_REGISTRAR,
      why: 'The message is right; %00 must not end a string anywhere. A user agent does not register others.',
      echoes: [...usualEchoes('escnull', 'REGISTER'), 'sip:a-%00-b@example.com'],
      framing: 'any',
    },
    {
      name: 'esc02',
      section: 'RFC 4475, 3.1.1.5',
      title: 'Use of % when it is not an escape',
      bytes: compose.message('esc02', 'R%45GIST%45R', {
        start: 'R%45GIST%45R sip:registrar.example.com SIP/2.0',
        to: 'To: "%G%41" <sip:thing@example.com>',
        from: `From: "%G%41" <sip:thing@example.com>;tag=${tagOf('esc02')}`,
        extra: ['Contact: <sip:alias1@host1.example.com>', 'Contact: <sip:alias2@host2.example.com>'],
      }),
      expect: { kind: 'response', status: [501, 405] },
      why: 'There are no escapes in methods: this is an unknown method, not REGISTER.',
      echoes: [...usualEchoes('esc02', 'R%45GIST%45R'), '"%G%41"'],
      framing: 'any',
    },
    {
      name: 'lwsdisp',
      section: 'RFC 4475, 3.1.1.6',
      title: 'No white space between display name and <',
      bytes: compose.options('lwsdisp', {
        from: `From: Watson<sip:caller@example.com>;tag=${tagOf('lwsdisp')}`,
      }),
      expect: { kind: 'response', status: 200 },
      why: 'The white space is optional.',
      echoes: [...usualEchoes('lwsdisp', 'OPTIONS'), 'Watson<sip:caller@example.com>'],
      framing: 'any',
    },
    longRequest(compose),
    {
      name: 'dblreq',
      section: 'RFC 4475, 3.1.1.8',
      title: 'Extra octets behind the message in a datagram',
      bytes: mixed(
        compose.register('dblreq', { extra: ['Contact: <sip:j.user@host.example.com>'] }),
        compose.invite('dblreq-second'),
      ),
      expect: NO_REGISTRAR,
      why: 'Content-Length ends the message; what follows in the datagram is ignored, also when it looks like a request.',
      echoes: usualEchoes('dblreq', 'REGISTER'),
      framing: 'datagram',
    },
    {
      name: 'semiuri',
      section: 'RFC 4475, 3.1.1.9',
      title: 'Semicolons in the user part of a URI',
      bytes: compose.options('semiuri', {
        start: 'OPTIONS sip:user;ext=%40home;x@example.com SIP/2.0',
      }),
      expect: { kind: 'response', status: 200 },
      why: 'Everything before the @ is the user part.',
      echoes: usualEchoes('semiuri', 'OPTIONS'),
      framing: 'any',
    },
    {
      name: 'transports',
      section: 'RFC 4475, 3.1.1.10',
      title: 'Varied and unknown transport types',
      bytes: compose.options('transports', {
        via: join([
          compose.via('transports'),
          'Via: SIP/2.0/SCTP t1.example.com;branch=z9hG4bK-hop-2',
          'Via: SIP/2.0/TLS t2.example.com;branch=z9hG4bK-hop-3',
          'Via: SIP/2.0/UNKNOWN t3.example.com;branch=z9hG4bK-hop-4',
          'Via: SIP/2.0/TCP t4.example.com;branch=z9hG4bK-hop-5',
        ]),
      }),
      expect: { kind: 'response', status: 200 },
      why: 'Only the top Via concerns the receiver; all five go back in their order.',
      echoes: [
        ...usualEchoes('transports', 'OPTIONS'),
        'SIP/2.0/SCTP t1.example.com;branch=z9hG4bK-hop-2',
        'SIP/2.0/UNKNOWN t3.example.com;branch=z9hG4bK-hop-4',
        'SIP/2.0/TCP t4.example.com;branch=z9hG4bK-hop-5',
      ],
      framing: 'any',
    },
    multipartMessage(compose),
    {
      name: 'unreason',
      section: 'RFC 4475, 3.1.1.12',
      title: 'Unusual reason phrase',
      bytes: compose.message('unreason', 'INVITE', {
        // "All is well: 2 * 100" in Greek, whose letters have two bytes each.
        start: 'SIP/2.0 200 \u038c\u03bb\u03b1 \u03ba\u03b1\u03bb\u03ac: = 2 * 10**2 <ok?> "',
        to: 'To: <sip:user@example.com>;tag=their-tag',
        contact: 'Contact: <sip:user@host7.example.com>',
        body: SDP,
      }),
      expect: { kind: 'silence' },
      why: 'A response is never answered, and this one belongs to no transaction. Its UTF-8 reason phrase is legal.',
      echoes: [],
      framing: 'any',
    },
    {
      name: 'noreason',
      section: 'RFC 4475, 3.1.1.13',
      title: 'Empty reason phrase',
      bytes: compose.message('noreason', 'INVITE', {
        start: 'SIP/2.0 100 ',
        to: 'To: <sip:user@example.com>;tag=their-tag',
        contact: null,
      }),
      expect: { kind: 'silence' },
      why: 'A response is never answered. The reason phrase may be empty, the space before it stays.',
      echoes: [],
      framing: 'any',
    },
  ];
}

function tortuousInvite(compose: Composer): TortureCase {
  // The display name ends in an escaped backslash and an escaped quote.
  const displayName = '"Bell, A. G. \\\\\\""';
  return {
    name: 'wsinv',
    section: 'RFC 4475, 3.1.1.1',
    title: 'A short tortuous INVITE',
    bytes: join([
      'INVITE sip:watson@lab.example.com;unknown SIP/2.0',
      'TO :',
      ' sip:watson@lab.example.com ;   tag    = old-dialog',
      `from   : ${displayName}       <sip:bell@example.com>`,
      '  ;',
      '  tag = new-caller',
      'MaX-fOrWaRdS: 0068',
      `Call-ID: ${callIdOf('wsinv')}`,
      `Content-Length   : ${SDP.length}`,
      'cseq: 0008',
      '  INVITE',
      'Via  : SIP  /   2.0',
      ` /${compose.transport}`,
      `    ${compose.sentBy};branch=not-of-rfc3261`,
      's :',
      'X-Never-Heard-Of:   first part',
      ' second part',
      'X-Only-Separators: ;;,,;;,;',
      'Content-Type: application/sdp',
      'Route:',
      ' <sip:services.example.com;lr;name=value;flag>',
      'v:  SIP  / 2.0  / TCP     hop2.example.com   ;',
      '  branch  =   z9hG4bK-hop-2  ,',
      ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
      ' z9hG4bK-hop-3',
      'm:"Empty \\"\\" quotes" <sip:bell@example.com> ; newparam =',
      '      newvalue ;',
      '  flag ; q = 0.33',
      '',
      SDP,
    ]),
    expect: { kind: 'response', status: 481 },
    why: 'Folding, compact forms, odd case, an RFC 2543 branch and unknown fields are all legal. The To tag names a dialog that does not exist: 481 (RFC 3261, 12.2.2).',
    or: [{ kind: 'call', calledUser: 'watson' }],
    alternatives:
      'A user agent may take a request with an unknown To tag as a new call, to recover after a crash.',
    echoes: [
      callIdOf('wsinv'),
      'not-of-rfc3261',
      'z9hG4bK-hop-2',
      'z9hG4bK-hop-3',
      'new-caller',
      'old-dialog',
      displayName,
    ],
    framing: 'any',
  };
}

/** Everything but letters and digits that the grammar of RFC 3261, 25.1 allows in each place. */
const TOKEN = "-.!%*_+`'~";
const WORD = `${TOKEN}()<>:\\"/[]?{}`;
const USER = "-_.!~*'()&=+$,;?/";
const PASSWORD = "-_.!~*'()&=+$,";

function wideRangeOfCharacters(compose: Composer): TortureCase {
  const method = `${TOKEN}Method0`;
  // BEL, NUL and DEL as quoted pairs.
  const displayName = mixed(
    '"BEL \\',
    Buffer.from([7]),
    ' NUL \\',
    Buffer.from([0]),
    ' DEL \\',
    Buffer.from([127]),
    '"',
  );
  const [branch, tag, callId] = [`z9hG4bK${TOKEN}`, `tag${TOKEN}`, `${WORD}intmeth@torture${WORD}`];
  return {
    name: 'intmeth',
    section: 'RFC 4475, 3.1.1.2',
    title: 'Wide range of valid characters',
    bytes: compose.message('intmeth', method, {
      start: `${method} sip:1${USER}:2${PASSWORD}@example.com SIP/2.0`,
      via: `Via: SIP/2.0/${compose.transport} ${compose.sentBy};branch=${branch}`,
      to: mixed('To: ', displayName, ` <sip:1${USER}@example.com>`),
      // An unquoted display name of several tokens, and a parameter with UTF-8 in quotes.
      from: `From: a${TOKEN} b${TOKEN} <sip:caller@example.net>;p${TOKEN}="\u65e5\u672c";tag=${tag}`,
      callId: `Call-ID: ${callId}`,
      cseq: `CSeq: 2147483647 ${method}`,
      extra: [mixed(`X${TOKEN}:`, Buffer.from('efbbbfe697a5e69cac', 'hex'))],
    }),
    expect: { kind: 'response', status: [501, 405] },
    why: 'Every character is legal where it stands, so the parser must get through; the method is unknown.',
    echoes: [displayName, tag, branch, callId, `2147483647 ${method}`],
    framing: 'any',
  };
}

function longRequest(compose: Composer): TortureCase {
  const branch = `z9hG4bK${'long'.repeat(50)}`;
  const tag = `tag${'982'.repeat(50)}`;
  const callId = `longreq.${'long'.repeat(40)}`;
  const vias = Array.from({ length: 33 }, (_, index) => {
    const name = ['Via', 'v', 'V'][index % 3];
    return `${name}: SIP/2.0/TCP sip${33 - index}.example.com;branch=z9hG4bK-${33 - index}`;
  });
  return {
    name: 'longreq',
    section: 'RFC 4475, 3.1.1.7',
    title: 'Long values in header fields',
    bytes: compose.invite('longreq', {
      via: join([`Via: SIP/2.0/${compose.transport} ${compose.sentBy} ;branch=${branch}`, ...vias]),
      to:
        `To: "A name of ${'more '.repeat(20)}words"` +
        `<sip:user@example.com:6000;p=v${'long'.repeat(20)};` +
        `n${'long'.repeat(25)}=v;f${'long'.repeat(25)}>`,
      from:
        `F: sip:${'longcaller'.repeat(12)}@example.net;tag=${tag};` +
        `n${'long'.repeat(20)}=v${'long'.repeat(20)};` +
        `f${'long'.repeat(25)}`,
      callId: `Call-ID: ${callId}`,
      cseq: 'CSeq: 4004004 INVITE',
      extra: [
        `X-${'Long'.repeat(20)}: v-${'long'.repeat(50)}; n-${'long'.repeat(20)} = v-${'long'.repeat(20)}`,
      ],
    }),
    expect: { kind: 'call', calledUser: 'user' },
    why: 'Nothing limits the length of values, and 34 Vias are no more than a long path.',
    or: [{ kind: 'response', status: [513, 400] }],
    alternatives: 'A limit on sizes may be enforced with 513; limits below this message would be too tight.',
    echoes: [branch, tag, callId, '4004004 INVITE', 'sip1.example.com;branch=z9hG4bK-1'],
    framing: 'any',
  };
}

function multipartMessage(compose: Composer): TortureCase {
  const boundary = '7a9cbec02ceef655';
  const body = join([
    `--${boundary}`,
    'Content-Type: text/plain',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Hello',
    `--${boundary}`,
    'Content-Type: application/octet-stream',
    'Content-Transfer-Encoding: binary',
    '',
    // A possible signature: NUL, CRLF CRLF, bytes that are no UTF-8, and SIP inside.
    mixed(
      Buffer.from('3082015206092a864886f70d010702a082ff00fec0d0a0d0a', 'hex'),
      '\r\n\r\nSIP/2.0 200 OK\r\n\r\n',
      Buffer.alloc(40, 0x80),
    ),
    `--${boundary}--`,
    '',
  ]);
  return {
    name: 'mpart01',
    section: 'RFC 4475, 3.1.1.11',
    title: 'Multipart MIME message with binary parts',
    bytes: compose.message('mpart01', 'MESSAGE', {
      start: 'MESSAGE sip:user@example.com SIP/2.0',
      cseq: 'CSeq: 8 MESSAGE',
      extra: ['MIME-Version: 1.0'],
      contentType: `Content-Type: multipart/mixed;boundary=${boundary}`,
      body,
    }),
    expect: { kind: 'response', status: [200, 202, 415, 405] },
    why: 'A user agent that takes MESSAGE takes this one, or says 415 with Accept when multipart is not for it; one that does not take MESSAGE says 405. The binary body may disturb nothing.',
    echoes: [branchOf('mpart01'), callIdOf('mpart01'), '8 MESSAGE'],
    framing: 'any',
  };
}
