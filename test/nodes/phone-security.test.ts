import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CallInfo, SipReport } from '../../lib/calls';
import { Bench, catchAll, errorOf, phone, type FlowNode } from './support/bench';

const dial = (target: string): FlowNode => ({
  id: 'dial',
  type: 'sip-make-call',
  instance: 'phone1001',
  target,
  wires: [['answered'], [], ['failed']],
});
const answering: FlowNode[] = [
  { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
  { id: 'pick', type: 'sip-answer', wires: [[], []] },
];
const info = { id: 'info', type: 'sip-call-info', wires: [['told']] };

/** Copies of a request's header lines that every response repeats. */
function repeated(request: string): string[] {
  return request
    .split('\r\n')
    .filter((line) => /^(Via|From|Call-ID|CSeq):/i.test(line))
    .concat(`${/^To:.*$/im.exec(request)?.[0] ?? ''};tag=server`);
}

/** Challenges the first INVITE, is busy for the next one, and collects the INVITEs. */
function challengingServer(socket: Socket): string[] {
  const invites: string[] = [];
  socket.on('message', (bytes, from) => {
    const request = bytes.toString('utf8');
    if (!request.startsWith('INVITE ')) return;
    const asked = /^Proxy-Authorization:/im.test(request);
    invites.push(request);
    const first = asked
      ? ['SIP/2.0 486 Busy Here']
      : [
          'SIP/2.0 407 Proxy Authentication Required',
          'Proxy-Authenticate: Digest realm="test", nonce="n1", algorithm=MD5',
        ];
    const response = [...first, ...repeated(request), 'Content-Length: 0', '', ''].join('\r\n');
    socket.send(response, from.port, from.address);
  });
  return invites;
}

/** RFC 2617, 3.2.2.1, without qop. */
function digest(secret: string, nonce: string, request: string): string {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  return md5([md5(secret), nonce, md5(request)].join(':'));
}

describe('security settings of sip-instance', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('encrypts the audio of a call when both phones say so', async () => {
    await bench.load(
      phone('1001', { srtp: 'required' }),
      phone('1002', { srtp: 'optional' }),
      dial('1002'),
      info,
      ...answering,
    );
    bench.send('dial');
    bench.send('info', { call: (await bench.next('answered')).call });
    assert.equal(((await bench.next('told')).callInfo as CallInfo).srtp, true);
  });

  it('takes calls over TLS only from who shows a certificate, when that is asked for', async () => {
    const folder = join(__dirname, '../wire/sip/support/tls');
    const [cert, key] = [join(folder, 'test-only-cert.pem'), join(folder, 'test-only-key.pem')];
    const keys = { type: 'tls-config', servername: '', verifyservercert: true, ca: cert };
    await bench.load(
      { ...keys, id: 'named', cert, key },
      { ...keys, id: 'nameless', cert: '', key: '' },
      phone('1001', { transport: 'tls', tls: 'named' }),
      phone('1002', { transport: 'tls', tls: 'named', requireClientCertificate: true }),
      phone('1003', { transport: 'tls', tls: 'nameless' }),
      dial('1002'),
      { ...dial('1002'), id: 'dialNameless', instance: 'phone1003' },
      ...answering,
    );
    bench.send('dial');
    await bench.next('answered');
    bench.send('dialNameless');
    const { sip } = await bench.next('failed');
    assert.match(String((sip as SipReport).diagnosis), /requires a client certificate/);
  });

  it('fails a call when only one of the phones requires encryption', async () => {
    await bench.load(
      phone('1001', { srtp: 'off' }),
      phone('1002', { srtp: 'required' }),
      dial('1002'),
      ...answering,
    );
    bench.send('dial');
    assert.equal(((await bench.next('failed')).sip as { status: number }).status, 488);
  });

  for (const { title, password, outcome } of [
    { title: 'takes a call from who knows its password', password: 'open sesame', outcome: 'answered' },
    { title: 'refuses a call from who does not', password: 'close sesame', outcome: 'failed' },
  ]) {
    it(`${title}, in the simulation too`, async () => {
      await bench.loadWith(
        { phone1001: { password }, phone1002: { password: 'open sesame' } },
        phone('1001', { authUser: 'family' }),
        phone('1002', { authUser: 'family', authenticateIncoming: true }),
        dial('1002'),
        ...answering,
      );
      bench.send('dial');
      const { status } = (await bench.next(outcome)).sip as { status: number };
      assert.equal(status, outcome === 'answered' ? 200 : 401);
    });
  }

  it('raises BAD_CONFIG for a policy that does not exist', async () => {
    await bench.load(phone('1001', { srtp: 'maybe' }), dial('1002'), catchAll);
    const error = errorOf(await bench.next('errors'));
    assert.equal(error.code, 'BAD_CONFIG');
    assert.match(error.message, /srtp/);
  });

  it('sends every request to the outbound proxy and answers its challenge with user and password', async () => {
    const server = createSocket('udp4').bind(0, '127.0.0.1');
    await once(server, 'listening');
    const invites = challengingServer(server);
    process.env.SIPFLOW_TEST_PASSWORD = 'open sesame';
    try {
      const network = phone('1001', {
        mode: 'network',
        bindAddress: '127.0.0.1',
        port: '0',
        outboundProxy: `127.0.0.1:${server.address().port}`,
        authUser: 'alice',
      });
      await bench.loadWith(
        { phone1001: { password: '${SIPFLOW_TEST_PASSWORD}' } },
        network,
        dial('sip:1002@pbx.invalid'),
      );
      bench.send('dial');
      assert.equal(((await bench.next('failed')).sip as { status: number }).status, 486);
      assert.equal(invites.length, 2);
      assert.match(invites[1] ?? '', /^INVITE sip:1002@pbx\.invalid/);
      assert.match(invites[1] ?? '', /username="alice"/);
      const [, response] = /[ ,]response="([0-9a-f]{32})"/.exec(invites[1] ?? '') ?? [];
      assert.equal(response, digest('alice:test:open sesame', 'n1', 'INVITE:sip:1002@pbx.invalid'));
    } finally {
      delete process.env.SIPFLOW_TEST_PASSWORD;
      server.close();
      await once(server, 'close');
    }
  });
});
