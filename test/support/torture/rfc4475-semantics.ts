import { branchOf, callIdOf, join, SDP, tagOf, usualEchoes, type Composer } from './compose';
import type { Expectation, TortureCase } from './types';

const NO_REGISTRAR: Expectation = { kind: 'response', status: [405, 501], headers: { Allow: /INVITE/ } };

/** RFC 4475, 3.2 to 3.4: the grammar holds, the meaning is the problem. */
export function semantics(compose: Composer): TortureCase[] {
  return [
    ...transactions(compose),
    ...unsupported(compose),
    ...contradictions(compose),
    ...registrations(compose),
  ];
}

function transactions(compose: Composer): TortureCase[] {
  return [
    {
      name: 'badbranch',
      section: 'RFC 4475, 3.2.1',
      title: 'A branch that is the magic cookie and nothing else',
      bytes: compose.options('badbranch', {
        via: `Via: SIP/2.0/${compose.transport} ${compose.sentBy};branch=z9hG4bK`,
      }),
      expect: { kind: 'response', status: [200, 400] },
      why: 'The branch identifies nothing, so the transaction is matched as in RFC 2543 and the request is served.',
      alternatives: 'Refusing it with 400 is as good.',
      echoes: [callIdOf('badbranch'), tagOf('badbranch'), '8 OPTIONS'],
      framing: 'any',
    },
    {
      name: 'bcast',
      section: 'RFC 4475, 3.3.10',
      title: 'A 200 whose second Via is a broadcast address',
      bytes: compose.message('bcast', 'INVITE', {
        start: 'SIP/2.0 200 OK',
        via: join([compose.via('bcast'), 'Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK-hop-2']),
        to: 'To: <sip:user@example.com>;tag=their-tag',
        contact: 'Contact: <sip:user@host7.example.com>',
        body: SDP,
      }),
      expect: { kind: 'silence' },
      why: 'It has two Vias and belongs to no transaction: a user agent drops it, and nothing goes to the broadcast address.',
      echoes: [],
      framing: 'any',
    },
    {
      name: 'zeromf',
      section: 'RFC 4475, 3.3.11',
      title: 'Max-Forwards of zero',
      bytes: compose.options('zeromf', { maxForwards: 'Max-Forwards: 0' }),
      expect: { kind: 'response', status: 200 },
      why: 'Zero stops forwarding. Here is the last stop, so the request is served; 483 is for proxies.',
      or: [{ kind: 'response', status: 483 }],
      alternatives:
        'OPTIONS with Max-Forwards 0 is also how proxies are probed, and some endpoints answer 483.',
      echoes: usualEchoes('zeromf', 'OPTIONS'),
      framing: 'any',
    },
    {
      name: 'inv2543',
      section: 'RFC 4475, 3.4.1',
      title: 'INVITE in the syntax of RFC 2543',
      bytes: compose.message('inv2543', 'INVITE', {
        start: 'INVITE sip:user@example.com SIP/2.0',
        via: `Via: SIP/2.0/${compose.transport} ${compose.sentBy}`,
        maxForwards: null,
        from: 'From: <sip:+49301234567@old.example.net;user=phone>',
        to: 'To: sip:+49897654321@new.example.net;user=phone',
        cseq: 'CSeq: 1 INVITE',
        contact: 'Contact: <sip:+49301234567@old.example.net;user=phone>',
        extra: ['Record-Route: <sip:user@example.com;maddr=proxy1.example.com>'],
        body: SDP,
      }),
      expect: { kind: 'call', calledUser: 'user' },
      why: 'No branch, no From tag, no Max-Forwards and no lr are what RFC 2543 looks like (RFC 3261, 8.2.6.1 and 17.2.3).',
      echoes: [callIdOf('inv2543'), '1 INVITE', '+49301234567@old.example.net'],
      framing: 'any',
    },
  ];
}

function unsupported(compose: Composer): TortureCase[] {
  return [
    {
      name: 'unkscm',
      section: 'RFC 4475, 3.3.2',
      title: 'Request-URI with an unknown scheme',
      bytes: compose.options('unkscm', {
        start: 'OPTIONS no-such-scheme:opaque SIP/2.0',
      }),
      expect: { kind: 'response', status: 416 },
      why: 'RFC 3261, 8.2.2.1.',
      echoes: usualEchoes('unkscm', 'OPTIONS'),
      framing: 'any',
    },
    {
      name: 'novelsc',
      section: 'RFC 4475, 3.3.3',
      title: 'Request-URI with a known scheme that is not for SIP',
      bytes: compose.options('novelsc', { start: 'OPTIONS soap.beep://192.0.2.80:3000 SIP/2.0' }),
      expect: { kind: 'response', status: 416 },
      why: 'A user agent serves sip, sips and perhaps tel.',
      echoes: usualEchoes('novelsc', 'OPTIONS'),
      framing: 'any',
    },
    {
      name: 'unksm2',
      section: 'RFC 4475, 3.3.4',
      title: 'Unknown schemes in To, From and Contact',
      bytes: compose.register('unksm2', {
        to: 'To: isbn:9780131103627',
        from: `From: <http://web.example.com>;tag=${tagOf('unksm2')}`,
        extra: ['Contact: <name:somebody>'],
      }),
      expect: { kind: 'response', status: [405, 501, 400, 416], headers: {} },
      why: 'The method is refused as every REGISTER; a registrar would say 400, because it cannot bind such an address.',
      echoes: [branchOf('unksm2'), callIdOf('unksm2'), 'isbn:9780131103627', 'http://web.example.com'],
      framing: 'any',
    },
    {
      name: 'bext01',
      section: 'RFC 4475, 3.3.5',
      title: 'Unknown extensions in Proxy-Require and Require',
      bytes: compose.options('bext01', {
        extra: ['Proxy-Require: x-proxy-one, x-proxy-two', 'Require: x-agent-one, x-agent-two'],
      }),
      expect: {
        kind: 'response',
        status: 420,
        headers: { Unsupported: /^(?=.*x-agent-one)(?=.*x-agent-two)(?!.*x-proxy)/ },
      },
      why: 'RFC 3261, 8.2.2.3: 420 with both tags of Require. Proxy-Require is for proxies only.',
      echoes: usualEchoes('bext01', 'OPTIONS'),
      framing: 'any',
    },
    {
      name: 'invut',
      section: 'RFC 4475, 3.3.6',
      title: 'INVITE with an unknown Content-Type',
      bytes: compose.invite('invut', {
        contentType: 'Content-Type: application/x-torture',
        body: '<not><sdp/></not>\r\n',
      }),
      expect: { kind: 'response', status: 415, headers: { Accept: /application\/sdp/ } },
      why: 'RFC 3261, 8.2.3: 415 with what would be understood.',
      echoes: usualEchoes('invut', 'INVITE'),
      framing: 'any',
    },
    {
      name: 'sdp01',
      section: 'RFC 4475, 3.3.15',
      title: 'INVITE whose Accept rules out the answer',
      bytes: compose.invite('sdp01', { extra: ['Accept: text/x-torture'] }),
      expect: { kind: 'response', status: [406, 488] },
      why: 'The caller offers SDP and accepts no SDP in return: nothing that is sent back could be right (RFC 3261, 21.4.7).',
      or: [{ kind: 'call' }],
      alternatives: 'Most telephones answer an SDP offer whatever Accept says.',
      echoes: usualEchoes('sdp01', 'INVITE'),
      framing: 'any',
    },
  ];
}

function contradictions(compose: Composer): TortureCase[] {
  const second = {
    callId: 'second.torture@example.net',
    to: 'sip:other-target@example.com',
  };
  return [
    {
      name: 'insuf',
      section: 'RFC 4475, 3.3.1',
      title: 'Required header fields are missing',
      bytes: compose.invite('insuf', { callId: null, from: null, to: null }),
      expect: { kind: 'response', status: 400 },
      why: 'Without Call-ID, From and To there is no call; the Via says where to complain.',
      echoes: [branchOf('insuf'), '8 INVITE'],
      framing: 'any',
    },
    {
      name: 'multi01',
      section: 'RFC 4475, 3.3.8',
      title: 'Several values in fields that take one',
      bytes: compose.invite('multi01', {
        maxForwards: join(['Max-Forwards: 0', 'Max-Forwards: 70']),
        to: join(['To: sip:user@example.com', `To: ${second.to}`]),
        from: join([
          `From: <sip:caller@example.net>;tag=${tagOf('multi01')}`,
          'From: <sip:other-caller@example.net>;tag=other',
        ]),
        callId: join([`Call-ID: ${callIdOf('multi01')}`, `Call-ID: ${second.callId}`]),
        cseq: join(['CSeq: 8 INVITE', 'CSeq: 59 INVITE']),
      }),
      expect: { kind: 'response', status: 400 },
      why: 'Which of them count cannot be known.',
      echoes: [branchOf('multi01')],
      framing: 'any',
    },
    {
      name: 'mcl01',
      section: 'RFC 4475, 3.3.9',
      title: 'Two Content-Lengths that differ',
      bytes: compose.options('mcl01', {
        contentLength: join(['Content-Length: 13', 'Content-Length: 5']),
        contentType: 'Content-Type: text/plain',
        body: 'How many octets are meant?',
      }),
      expect: { kind: 'response', status: 400 },
      why: 'Where the message ends cannot be known. On a stream nothing can be read after it.',
      echoes: usualEchoes('mcl01', 'OPTIONS'),
      framing: 'any',
      breaksStream: true,
    },
  ];
}

function registrations(compose: Composer): TortureCase[] {
  const register = (
    name: string,
    section: string,
    title: string,
    extra: string[],
    echoes: string[] = [],
  ): TortureCase => ({
    name,
    section: `RFC 4475, ${section}`,
    title,
    bytes: compose.register(name, { extra }),
    expect: NO_REGISTRAR,
    why: 'The message is right, but a user agent is no registrar: 405 with Allow.',
    echoes: [...usualEchoes(name, 'REGISTER'), ...echoes],
    framing: 'any',
  });
  return [
    {
      ...register('regaut01', '3.3.7', 'Authorization with an unknown scheme', [
        'Authorization: X-Torture data=opaque',
      ]),
      or: [{ kind: 'response', status: 401 }],
      alternatives: 'An endpoint that authenticates whoever calls it challenges first: 401.',
    },
    register('cparam01', '3.3.12', 'Unknown parameter behind a Contact URI', [
      'Contact: sip:+49301234567@gw1.example.net;x-unknown',
    ]),
    register('cparam02', '3.3.13', 'Unknown parameter inside a Contact URI', [
      'Contact: <sip:+49301234567@gw1.example.net;x-unknown>',
    ]),
    register('regescrt', '3.3.14', 'Contact URI with an escaped Route', [
      'Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>',
    ]),
  ];
}
