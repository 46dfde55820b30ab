import assert from 'node:assert/strict';
import type { InspectableEndpoint } from '../../../lib/sip/index';
import { seededRandom } from '../../support/random';
import { Bench } from './support/endpoints';
import { request, SDP, type RawMessage, type RawPeer } from './support/raw-peer';

/** A hostile or unusual message, and how a user agent answers it; `undefined`: not at all. */
interface Torture {
  name: string;
  message: (via: string, port: number) => string | Buffer;
  status: number | undefined;
  /** Text that the answer must contain. */
  contains?: string;
}

let counter = 0;
const unique = (): string => `t${process.pid}x${++counter}`;

/** Lines of a sound request; a test changes what it is about. */
function lines(via: string, method: string, uri: string, more: string[] = []): string[] {
  return [
    `${method} ${uri} SIP/2.0`,
    via,
    'Max-Forwards: 70',
    'From: <sip:caller@example.org>;tag=1',
    `To: <${uri}>`,
    `Call-ID: ${unique()}@example.org`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:caller@127.0.0.1>',
    ...more,
  ];
}

const join = (all: string[], body = ''): string =>
  [
    ...all,
    ...(all.some((line) => /^(l|content-length)\s*:/i.test(line)) ? [] : [`Content-Length: ${body.length}`]),
    '',
    body,
  ].join('\r\n');

const replaced = (all: string[], name: string, ...by: string[]): string[] =>
  all.flatMap((line) => (line.startsWith(`${name}:`) ? by : [line]));

const OPTIONS = (via: string, port: number, more: string[] = []): string[] =>
  lines(via, 'OPTIONS', `sip:bob@127.0.0.1:${port}`, more);
const INVITE = (via: string, port: number, more: string[] = []): string[] =>
  lines(via, 'INVITE', `sip:bob@127.0.0.1:${port}`, more);
const SDP_TYPE = 'Content-Type: application/sdp';

/** Ideas of RFC 4475 and RFC 5118 in messages of our own, and some more. */
const TORTURES: Torture[] = [
  {
    name: 'compact forms, folded lines, blanks around colons, escaped quotes, unknown fields and parameters',
    status: 200,
    message: (via, port) =>
      join([
        `OPTIONS sip:b%6Fb;par=u%40x;x@127.0.0.1:${port};unknown=%C3%A4 SIP/2.0`,
        via.replace('Via:', 'v  :').replace(';', ' ;\r\n  extra="a;b" ; '),
        'TO : ',
        ' "J Rosenberg \\\\\\""   <sip:jdrosen@example.com>',
        '  ; newfield = x',
        'f: isbn:2983792873;tag = 98asjd8',
        'MaX-fOrWaRdS: 0068',
        `I: ${unique()}`,
        'CSEQ: 0009',
        '  OPTIONS',
        'NewFangledHeader:   newfangled value',
        '  continued newfangled value',
        'UnknownHeaderWithUnusualValue: ;;,,;;,;',
        'l : 0',
      ]),
  },
  {
    name: 'every character that a token may contain in method and fields',
    status: 501,
    contains: 'Allow: INVITE',
    message: (via, port) =>
      join(lines(via, "!interesting-Method0123456789_*+`.%indeed'~", `sip:bob@127.0.0.1:${port}`)),
  },
  {
    name: 'escaped NUL in the user part',
    status: 200,
    message: (via) => join(lines(via, 'OPTIONS', 'sip:null-%00-null@example.com')),
  },
  {
    name: 'upper-case escapes in the method are no escapes',
    status: 501,
    message: (via, port) => join(lines(via, 'RE%47IST%45R', `sip:bob@127.0.0.1:${port}`)),
  },
  {
    name: 'a long value in every place',
    status: 200,
    message: (via, port) =>
      join(OPTIONS(via, port, [`X-Long: ${'x'.repeat(8000)}`, `Subject: ${'y,'.repeat(2000)}`])),
  },
  {
    name: 'a stated body that is longer than stated',
    status: 200,
    message: (via, port) =>
      `${join(OPTIONS(via, port, ['Content-Length: 4', 'Content-Type: text/plain']))}1234REGISTER sip:x SIP/2.0\r\n`,
  },
  {
    name: 'a semicolon and a password in the user part',
    status: 200,
    message: (via) => join(lines(via, 'OPTIONS', 'sip:user;par=u%40example.net:pw@example.com')),
  },
  {
    name: 'unknown transports in lower Vias',
    status: 200,
    message: (via, port) =>
      join([
        OPTIONS(via, port)[0],
        via,
        'Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKa, SIP/2.0/NEW t3.example.com;branch=z9hG4bKb',
        ...OPTIONS(via, port).slice(2),
      ]),
  },
  {
    name: 'a stranger between quotes: commas and angle brackets in a display name',
    status: 200,
    message: (via, port) => join(replaced(OPTIONS(via, port), 'From', 'From: "<,;>" <sip:x@y>;tag=2')),
  },
  {
    name: 'a display name without quotes that is not made of tokens',
    status: 200,
    message: (via, port) =>
      join(replaced(OPTIONS(via, port), 'From', 'From: Bell, Alexander <sip:a@y>;tag=43')),
  },
  {
    name: 'UTF-8 in a display name',
    status: 200,
    contains: 'From: "J\u00c3\u00b6rg"',
    message: (via, port) =>
      join(replaced(OPTIONS(via, port), 'From', 'From: "J\u00c3\u00b6rg" <sip:a@y>;tag=43')),
  },
  {
    name: 'bytes that are no UTF-8, echoed byte for byte',
    status: 200,
    contains: 'From: "\u00e4\u00ff\u0080" <sip:a@y>;tag=43',
    message: (via, port) =>
      join(replaced(OPTIONS(via, port), 'From', 'From: "\u00e4\u00ff\u0080" <sip:a@y>;tag=43')),
  },
  {
    name: 'Max-Forwards 0: it has arrived',
    status: 200,
    message: (via, port) => join(replaced(OPTIONS(via, port), 'Max-Forwards', 'Max-Forwards: 0')),
  },
  {
    name: 'bare line feeds',
    status: 200,
    message: (via, port) => join(OPTIONS(via, port)).replaceAll('\r\n', '\n'),
  },
  {
    name: 'blank lines before the start line',
    status: 200,
    message: (via, port) => `\r\n\r\n\n${join(OPTIONS(via, port))}`,
  },
  {
    name: 'tel: in From and To',
    status: 200,
    message: (via, port) =>
      join(
        replaced(
          replaced(OPTIONS(via, port), 'From', 'From: <tel:+1234;phone-context=x>;tag=1'),
          'To',
          'To: tel:911',
        ),
      ),
  },
  {
    name: 'a URI of unknown scheme in To',
    status: 200,
    message: (via, port) => join(replaced(OPTIONS(via, port), 'To', 'To: isbn:2983792873')),
  },
  {
    name: 'IPv6 in Via, Contact and To',
    status: 200,
    message: (via, port) =>
      join([
        ...replaced(
          replaced(OPTIONS(via, port), 'Contact', 'Contact: <sip:c@[2001:db8::9:1]:5070>'),
          'To',
          'To: <sip:user@[2001:db8::10]>',
        ),
      ]),
  },
  {
    name: 'IPv6 with a zone and an IPv4-mapped address',
    status: 200,
    message: (via) => join(lines(via, 'OPTIONS', 'sip:[fe80::1%eth0]')),
  },
  {
    name: 'an unknown method',
    status: 501,
    contains: 'Allow: ',
    message: (via, port) => join(lines(via, 'NEWMETHOD', `sip:bob@127.0.0.1:${port}`)),
  },
  {
    name: 'REGISTER to an endpoint',
    status: 405,
    message: (via, port) => join(lines(via, 'REGISTER', `sip:127.0.0.1:${port}`)),
  },
  {
    name: 'an unknown extension in Require',
    status: 420,
    contains: 'Unsupported: nothingSupportsThis, nothingSupportsThisEither',
    message: (via, port) =>
      join(
        OPTIONS(via, port, [
          'Require: nothingSupportsThis',
          'Require: nothingSupportsThisEither',
          'Proxy-Require: x',
        ]),
      ),
  },
  {
    name: 'a body of unknown type',
    status: 415,
    contains: 'Accept: application/sdp',
    message: (via, port) => join(INVITE(via, port, ['Content-Type: application/unknownformat']), '<audio/>'),
  },
  {
    name: 'a compressed body',
    status: 415,
    contains: 'Accept-Encoding: identity',
    message: (via, port) => join(INVITE(via, port, [SDP_TYPE, 'e: gzip']), 'xx'),
  },
  {
    name: 'an optional body of unknown type may be ignored',
    status: 480,
    message: (via, port) =>
      join(INVITE(via, port, ['c: image/gif', 'Content-Disposition: icon;handling=optional']), 'xx'),
  },
  {
    name: 'nothing that we can send is accepted',
    status: 406,
    message: (via, port) => join(INVITE(via, port, ['Accept: text/nobodyKnowsThis', SDP_TYPE]), SDP),
  },
  {
    name: 'an unknown scheme',
    status: 416,
    message: (via) => join(lines(via, 'OPTIONS', 'nobodyKnowsThisScheme:totallyopaquecontent')),
  },
  {
    name: 'an unknown scheme that looks like sip',
    status: 416,
    message: (via) => join(lines(via, 'OPTIONS', 'soap.beep://192.0.2.103:3002')),
  },
  {
    name: 'SIP/7.0',
    status: 505,
    message: (via, port) => join(OPTIONS(via, port)).replace('SIP/2.0\r\n', 'SIP/7.0\r\n'),
  },
  {
    name: 'CSeq of another method',
    status: 400,
    message: (via, port) => join(replaced(OPTIONS(via, port), 'CSeq', 'CSeq: 8 INVITE')),
  },
  {
    name: 'unknown method with CSeq of another',
    status: 501,
    contains: 'Allow: INVITE',
    message: (via, port) =>
      join(replaced(lines(via, 'NEWMETHOD', `sip:bob@127.0.0.1:${port}`), 'CSeq', 'CSeq: 8 INVITE')),
  },
  {
    name: 'CSeq beyond 2^31',
    status: 400,
    message: (via, port) => join(replaced(OPTIONS(via, port), 'CSeq', 'CSeq: 36893488147419103232 OPTIONS')),
  },
  {
    name: 'Content-Length beyond the datagram',
    status: 400,
    message: (via, port) => join(INVITE(via, port, [SDP_TYPE, 'Content-Length: 9999']), SDP),
  },
  {
    name: 'negative Content-Length',
    status: 400,
    message: (via, port) => join(INVITE(via, port, [SDP_TYPE, 'Content-Length: -999']), SDP),
  },
  {
    name: 'two Content-Lengths',
    status: 400,
    message: (via, port) => join(OPTIONS(via, port, ['Content-Length: 0', 'Content-Length: 5'])),
  },
  {
    name: 'several values where one may be',
    status: 400,
    message: (via, port) =>
      join(OPTIONS(via, port, ['CSeq: 5 OPTIONS', 'Call-ID: other', 'From: sip:x@y;tag=9', 'To: sip:x@y'])),
  },
  {
    name: 'no From, To, Call-ID',
    status: 400,
    message: (via, port) => join(OPTIONS(via, port).filter((line) => !/^(From|To|Call-ID):/.test(line))),
  },
  { name: 'no CSeq', status: 400, message: (via, port) => join(replaced(OPTIONS(via, port), 'CSeq')) },
  {
    name: 'an unclosed quote in To',
    status: 400,
    message: (via, port) =>
      join(replaced(OPTIONS(via, port), 'To', 'To: "Mr. J. User <sip:j.user@example.com>')),
  },
  {
    name: 'an unclosed bracket in From',
    status: 400,
    message: (via, port) => join(replaced(OPTIONS(via, port), 'From', 'From: <sip:j.user@example.com;tag=1')),
  },
  {
    name: 'a Request-URI in angle brackets',
    status: 400,
    message: (via) => join(lines(via, 'OPTIONS', '<sip:user@example.com>')),
  },
  {
    name: 'white space within the Request-URI',
    status: 400,
    message: (via) => join(lines(via, 'OPTIONS', 'sip:user@example.com; transport=udp')),
  },
  {
    name: 'a line that is no header field',
    status: 400,
    message: (via, port) => join(OPTIONS(via, port, ['this is not a header field'])),
  },
  {
    name: 'a field whose name is no token',
    status: 200,
    message: (via, port) => join(OPTIONS(via, port, ['X Two Words: x', 'X(\xff\0: x', ': nameless'])),
  },
  {
    name: 'a header section without its empty line, and without Content-Length',
    status: 200,
    message: (via, port) => `${OPTIONS(via, port).join('\r\n')}\r\n`,
  },
  {
    name: 'a header section that ends behind its Content-Length of 0',
    status: 200,
    message: (via, port) => join(OPTIONS(via, port)).trimEnd(),
  },
  {
    name: 'a header section without its empty line whose body is missing',
    status: 400,
    message: (via, port) => `${OPTIONS(via, port, ['Content-Length: 4']).join('\r\n')}\r\n`,
  },
  {
    name: 'a header section that ends within a field',
    status: 400,
    message: (via, port) => [...OPTIONS(via, port), 'Content-Length: 0', 'Subject: cut o'].join('\r\n'),
  },
  {
    name: 'a method that is known and not for us',
    status: 405,
    contains: 'Allow: INVITE',
    message: (via, port) => join(lines(via, 'PUBLISH', `sip:bob@127.0.0.1:${port}`)),
  },
  {
    name: 'empty parameters and items in Via',
    status: 400,
    message: (via, port) => join(OPTIONS(`${via};;,;,,`, port)),
  },
  {
    name: 'empty parameters within quotes and brackets only',
    status: 480,
    message: (via, port) =>
      join(
        replaced(
          INVITE(`${via};x=";;,,"`, port, [SDP_TYPE]),
          'Contact',
          'Contact: ";;" <sip:a;;b@127.0.0.1>;x=",;"',
        ),
        SDP,
      ),
  },
  {
    name: 'empty parameters behind the Contact of an INVITE',
    status: 400,
    message: (via, port) =>
      join(
        replaced(INVITE(via, port, [SDP_TYPE]), 'Contact', 'Contact: "Joe" <sip:joe@example.org>;;;;'),
        SDP,
      ),
  },
  {
    name: 'an INVITE without a Contact',
    status: 400,
    message: (via, port) => join(replaced(INVITE(via, port, [SDP_TYPE]), 'Contact'), SDP),
  },
  {
    name: 'an INVITE whose Contact is a star',
    status: 400,
    message: (via, port) => join(replaced(INVITE(via, port, [SDP_TYPE]), 'Contact', 'Contact: *'), SDP),
  },
  {
    name: 'an INVITE whose Contact is no address that SIP can be sent to',
    status: 400,
    message: (via, port) =>
      join(replaced(INVITE(via, port, [SDP_TYPE]), 'Contact', 'Contact: <mailto:joe@example.org>'), SDP),
  },
  {
    name: 'a telephone number as Contact behind a proxy that stays on the way',
    status: 480,
    message: (via, port) =>
      join(
        replaced(
          INVITE(via, port, [SDP_TYPE]),
          'Contact',
          'Contact: <tel:+4930>',
          'Record-Route: <sip:p;lr>',
        ),
        SDP,
      ),
  },
  {
    name: 'a bare IPv6 address in the Request-URI',
    status: 400,
    message: (via) => join(lines(via, 'OPTIONS', 'sip:2001:db8::10')),
  },
  {
    name: 'more header fields than anybody needs',
    status: 513,
    message: (via, port) =>
      join(
        OPTIONS(
          via,
          port,
          Array.from({ length: 300 }, (_, i) => `X-${i}: x`),
        ),
      ),
  },
  {
    name: 'a To tag that belongs to no dialog',
    status: 481,
    message: (via, port) =>
      join(replaced(INVITE(via, port, [SDP_TYPE]), 'To', 'To: <sip:bob@x>;tag=3xfe-9921883-z9f'), SDP),
  },
  {
    name: 'BYE to no dialog',
    status: 481,
    message: (via, port) => join(lines(via, 'BYE', `sip:bob@127.0.0.1:${port}`)),
  },
  {
    name: 'an INVITE with an impossible Date, Expires and Warning',
    status: 480,
    message: (via, port) =>
      join(
        INVITE(via, port, [
          'Date: Fri, 01 Jan 2010 16:00:00 EST',
          'Expires: 0 0l@company.com',
          'Warning: overture',
          SDP_TYPE,
        ]),
        SDP,
      ),
  },
  {
    name: 'Expires beyond every timer',
    status: 480,
    message: (via, port) => join(INVITE(via, port, ['Expires: 10000000000000000000000000', SDP_TYPE]), SDP),
  },
  {
    name: 'a malformed Contact',
    status: 400,
    message: (via, port) =>
      join(replaced(INVITE(via, port, [SDP_TYPE]), 'Contact', 'Contact: "broken <sip:x'), SDP),
  },
  {
    name: 'a header called __proto__',
    status: 480,
    message: (via, port) => join(INVITE(via, port, ['__proto__: x', 'constructor: y', SDP_TYPE]), SDP),
  },
  {
    name: 'an ACK to nothing',
    status: undefined,
    message: (via, port) => join(lines(via, 'ACK', `sip:bob@127.0.0.1:${port}`)),
  },
  {
    name: 'a malformed ACK',
    status: undefined,
    message: (via, port) => join(replaced(lines(via, 'ACK', `sip:bob@127.0.0.1:${port}`), 'CSeq', 'CSeq: x')),
  },
  {
    name: 'an unknown extension in an ACK',
    status: undefined,
    message: (via, port) => join(lines(via, 'ACK', `sip:bob@127.0.0.1:${port}`, ['Require: x'])),
  },
  { name: 'no Via at all', status: undefined, message: (_, port) => join(OPTIONS('Subject: no via', port)) },
  {
    name: 'an unreadable Via',
    status: undefined,
    message: (_, port) => join(OPTIONS('Via: 127.0.0.1', port)),
  },
  {
    name: 'a Via that keeps a careless pattern busy',
    status: undefined,
    message: (_, port) => join(OPTIONS(`Via: SIP/2.0/UDP h${' '.repeat(30_000)}x`, port)),
  },
  {
    name: 'a start line that keeps a careless pattern busy',
    status: undefined,
    message: () => `OPTIONS${' '.repeat(60_000)}x\r\n\r\n`,
  },
  {
    name: 'a start line with a control character',
    status: undefined,
    message: (via, port) => join(OPTIONS(via, port)).replace('OPTIONS', 'OPT\u0001IONS'),
  },
  {
    name: 'a response with a status that is none',
    status: undefined,
    message: (via, port) => join(OPTIONS(via, port)).replace(/^.*/, 'SIP/2.0 4294967301 better not break'),
  },
  {
    name: 'a response without reason to nothing',
    status: undefined,
    message: (via, port) => join(OPTIONS(via, port)).replace(/^.*/, 'SIP/2.0 200 '),
  },
  { name: 'an HTTP request', status: undefined, message: () => 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' },
  {
    name: 'a STUN binding request',
    status: undefined,
    message: () => Buffer.from('000100002112a442000102030405060708090a0b', 'hex'),
  },
  { name: 'keep-alives', status: undefined, message: () => '\r\n\r\n' },
  { name: 'NULs', status: undefined, message: () => Buffer.alloc(1000) },
  { name: 'an empty datagram', status: undefined, message: () => '' },
];

describe('torture messages', () => {
  const bench = new Bench();
  let bob: InspectableEndpoint;
  let peer: RawPeer;

  beforeEach(async () => {
    bob = await bench.endpoint('bob');
    peer = await bench.raw();
  });
  afterEach(() => bench.close(0));

  for (const { name, message, status, contains } of TORTURES) {
    it(`${status ?? 'no answer'}: ${name}`, async () => {
      const { port } = bob.localAddress;
      const branch = `z9hG4bK${unique()}`;
      peer.send(message(`Via: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=${branch};rport`, port), port);
      await peer.settled(port);
      const answers = peer.received.filter(({ text }) => !text.includes('z9hG4bKsettle'));
      assert.deepEqual(
        answers.map((each: RawMessage) => each.startLine.split(' ')[1]),
        status === undefined ? [] : [String(status)],
        answers[0]?.text,
      );
      if (contains !== undefined) assert.ok(answers[0].text.includes(contains), answers[0].text);
      if (status !== undefined) assert.ok(answers[0].header('Via').includes(branch));
    });
  }

  it('survives thousands of truncated and mutated messages, and answers the next OPTIONS', async () => {
    const random = seededRandom(4475);
    const { port } = bob.localAddress;
    bob.on('invite', (invite) => {
      const mood = random();
      if (random() < 0.3) invite.progress({ status: 180 });
      if (mood < 0.3) invite.accept({ body: { contentType: 'application/sdp', content: SDP } });
      else if (mood < 0.5) invite.reject({ status: 486 });
    });
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    for (let round = 0; round < 3000; round++) {
      const method = ['INVITE', 'OPTIONS', 'BYE', 'ACK', 'CANCEL', 'UPDATE'][Math.floor(random() * 6)];
      const text = request(method, {
        port: peer.port,
        target: `sip:bob@127.0.0.1:${port}`,
        branch: `z9hG4bKfuzz${Math.floor(random() * 50)}`,
        callId: `fuzz${Math.floor(random() * 50)}`,
        cseq: Math.floor(random() * 3),
        body: method === 'INVITE' ? SDP : '',
      });
      peer.send(mutate(Buffer.from(text), random), port);
      if (round % 100 === 0) await peer.settled(port);
    }
    await peer.settled(port);
    process.off('warning', note);
    assert.deepEqual(warnings, []);
  });
});

/** Cuts, overwrites, inserts or repeats bytes. */
function mutate(bytes: Buffer, random: () => number): Buffer {
  const at = (): number => Math.floor(random() * bytes.length);
  let mutated = bytes;
  for (let changes = Math.floor(random() * 4); changes >= 0; changes--) {
    const [from, to] = [at(), at()].sort((a, b) => a - b);
    const kind = random();
    if (kind < 0.2) mutated = mutated.subarray(0, from);
    else if (kind < 0.4) mutated = Buffer.concat([mutated.subarray(0, from), mutated.subarray(to)]);
    else if (kind < 0.5) mutated = Buffer.concat([mutated.subarray(0, to), mutated.subarray(from)]);
    else {
      mutated = Buffer.from(mutated);
      for (let count = 0; count < 4 && mutated.length > 0; count++) {
        mutated[Math.floor(random() * mutated.length)] =
          kind < 0.8
            ? ' \r\n<>";:,=@%[]\0'.charCodeAt(Math.floor(random() * 15))
            : Math.floor(random() * 256);
      }
    }
  }
  return mutated;
}
