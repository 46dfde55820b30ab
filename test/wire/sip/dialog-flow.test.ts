import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SipflowError } from '../../../lib/common/errors';
import type { InspectableEndpoint, SipDialog } from '../../../lib/sip/index';
import type { Peer, Sent } from '../../../lib/sip/transport/transport';
import { TransportManager } from '../../../lib/sip/transport/transport-manager';
import { freePort } from '../../support/ports';
import { ANSWER, answered, Bench, nextInvite, OFFER } from './support/endpoints';
import { request, response, SDP, type RawMessage } from './support/raw-peer';
import { connectRaw, RawServer, type RawConnection } from './support/stream-peer';

const pem = (name: string): string =>
  readFileSync(join(__dirname, 'support', 'tls', `test-only-${name}.pem`), 'utf8');
const TLS = { key: pem('key'), cert: pem('cert'), ca: pem('cert') };

describe('requests within a dialog', () => {
  let bench: Bench;
  const open: { close?(): Promise<void>; destroy?(): void }[] = [];
  beforeEach(() => (bench = new Bench()));
  afterEach(async () => {
    for (const each of open) each.destroy?.();
    await bench.close(0);
    await Promise.all(open.splice(0).map(async (each) => each.close?.()));
  });
  const keep = <T extends (typeof open)[number]>(each: T): T => {
    open.push(each);
    return each;
  };

  describe('of a call that we have made over a WebSocket', () => {
    const servers = [
      { transport: 'ws', contact: (port: number) => `sip:bob@127.0.0.1:${port};transport=udp` },
      { transport: 'ws', contact: () => 'sip:bob@192.168.77.7:5060' },
      { transport: 'ws', contact: () => 'sip:bob@df7jal23ls0d.invalid;transport=ws' },
      { transport: 'ws', contact: () => 'tel:+493012345' },
      { transport: 'wss', contact: (port: number) => `sip:bob@127.0.0.1:${port};transport=ws` },
      { transport: 'wss', contact: () => 'sip:bob@127.0.0.1:5060;transport=udp' },
      { transport: 'wss', contact: () => 'sips:bob@127.0.0.1:5061;transport=tls' },
    ] as const;
    for (const { transport, contact } of servers) {
      it(`${transport}: go over its connection, whatever Contact says: ${contact(5066)}`, async () => {
        const server = keep(await RawServer.open(transport, TLS));
        const alice = await bench.endpoint('alice', { transport, tls: TLS });
        const outcome = answered(
          alice.invite({ target: `sip:bob@127.0.0.1:${server.port};transport=ws`, body: OFFER }),
        );
        const connection = await server.connection();
        const invite = await connection.next('INVITE');
        assert.match(invite.header('Contact'), /;transport=ws>$/);
        assert.ok(invite.header('Via').startsWith(`SIP/2.0/${transport.toUpperCase()} `));
        const target = contact(server.port);
        connection.send(response(invite, '200 OK', { tag: 'b', contact: target, body: SDP }));
        const { dialog } = await outcome;
        assert.equal((await connection.next('ACK')).startLine, `ACK ${target} SIP/2.0`);
        const over = dialog.bye();
        connection.send(response(await connection.next('BYE'), '200 OK'));
        await over;
        assert.equal(server.connections.length, 1);
      });
    }

    it('go over a new connection to the same server when the first one is gone', async () => {
      const server = keep(await RawServer.open('ws'));
      const { dialog, connection } = await called('ws', server, () => 'sip:bob@127.0.0.1:9;transport=udp');
      connection.destroy();
      const over = dialog.bye();
      const second = await server.connection(2);
      second.send(response(await second.next('BYE'), '200 OK'));
      await over;
    });

    it('acknowledge and end a second fork over it too', async () => {
      const server = keep(await RawServer.open('ws'));
      const { invite, connection } = await called('ws', server, () => 'sip:bob@127.0.0.1:9;transport=udp');
      const contact = 'sip:other@127.0.0.1:9;transport=udp';
      connection.send(response(invite, '200 OK', { tag: 'fork', contact, body: SDP }));
      assert.match((await connection.next('ACK sip:other')).header('To'), /tag=fork/);
      connection.send(response(await connection.next('BYE sip:other'), '200 OK'));
    });
  });

  /** A call of ours that the server has answered, with that Contact. */
  async function called(
    transport: 'tcp' | 'tls' | 'ws',
    server: RawServer,
    contact: (port: number) => string,
    headers: string[] = [],
  ): Promise<{
    alice: InspectableEndpoint;
    dialog: SipDialog;
    connection: RawConnection;
    invite: RawMessage;
  }> {
    const alice = await bench.endpoint('alice', { transport, tls: TLS });
    const outcome = answered(alice.invite({ target: `sip:bob@127.0.0.1:${server.port}`, body: OFFER }));
    const connection = await server.connection();
    const invite = await connection.next('INVITE');
    connection.send(
      response(invite, '200 OK', { tag: 'b', contact: contact(server.port), headers, body: SDP }),
    );
    await connection.next('ACK');
    return { alice, connection, invite, ...(await outcome) };
  }

  it('say so at once when an ACK cannot be sent, and try a BYE', async () => {
    const peer = await bench.raw();
    const alice = await bench.endpoint('alice');
    const contact = `sip:bob@127.0.0.1:${peer.port}`;
    const transports: { post: (this: TransportManager, bytes: Buffer, to: Peer, sent: Sent) => void } =
      TransportManager.prototype;
    const { post } = transports;
    const noAck: typeof post = function (bytes, destination, sent) {
      const lost = new SipflowError('TRANSPORT', 'Cannot send by UDP to the peer: no route.');
      if (bytes.toString('latin1', 0, 4) === 'ACK ') queueMicrotask(() => sent(lost));
      else post.call(this, bytes, destination, sent);
    };
    transports.post = noAck;
    try {
      const call = alice.invite({ target: contact, body: OFFER });
      const broken = new Promise<string>((resolve) => {
        call.on('answered', (_response, dialog) => dialog.on('broken', resolve));
      });
      const invite = await peer.next('INVITE');
      peer.send(response(invite, '200 OK', { tag: 'b', contact, body: SDP }), invite.port);
      assert.match(await broken, /the ACK.*could not be sent: .*no route/);
      const bye = await peer.next('BYE');
      peer.send(response(bye, '200 OK'), bye.port);
    } finally {
      transports.post = post;
    }
  });

  for (const transport of ['tcp', 'tls'] as const) {
    it(`${transport.toUpperCase()}: of our call go over its connection when Contact or the first Route is behind a NAT`, async () => {
      for (const headers of [[], ['Record-Route: <sip:10.11.12.13;transport=tcp;lr>']]) {
        const server = keep(await RawServer.open(transport, TLS));
        const contact = `sip:bob@192.168.77.7:5060;transport=${transport}`;
        const { dialog, connection } = await called(transport, server, () => contact, headers);
        const over = dialog.bye();
        connection.send(response(await connection.next('BYE'), '200 OK'));
        await over;
      }
    });
  }

  it('TCP: of our call go over its connection when Contact takes no connections, and then without trying it again', async () => {
    const closed = await freePort();
    const server = keep(await RawServer.open('tcp'));
    const { dialog, connection } = await called(
      'tcp',
      server,
      () => `sip:bob@127.0.0.1:${closed};transport=tcp`,
    );
    const other = keep(await RawServer.open('tcp', {}, closed));
    const over = dialog.bye();
    connection.send(response(await connection.next('BYE'), '200 OK'));
    await over;
    assert.equal(other.connections.length, 0);
  });

  it('TCP: of our call go to another host that Contact names, when it takes them', async () => {
    const [server, other] = [keep(await RawServer.open('tcp')), keep(await RawServer.open('tcp'))];
    const alice = await bench.endpoint('alice', { transport: 'tcp' });
    const outcome = answered(alice.invite({ target: `sip:bob@127.0.0.1:${server.port}`, body: OFFER }));
    const connection = await server.connection();
    const contact = `sip:bob@127.0.0.1:${other.port};transport=tcp`;
    connection.send(response(await connection.next('INVITE'), '200 OK', { tag: 'b', contact, body: SDP }));
    const { dialog } = await outcome;
    const there = await other.connection();
    await there.next('ACK');
    const over = dialog.bye();
    there.send(response(await there.next('BYE'), '200 OK'));
    await over;
  });

  /** A call to us over a connection, answered and acknowledged. */
  async function calling(
    transport: 'tcp' | 'tls',
    { sentBy, contact, headers = [] }: { sentBy: string; contact: string; headers?: string[] },
  ): Promise<{ bob: InspectableEndpoint; dialog: SipDialog; connection: RawConnection; toTag: string }> {
    const bob = await bench.endpoint('bob', { transport, tls: TLS });
    const { port } = bob.localAddress;
    const connection = keep(await connectRaw(transport, port, TLS.cert));
    const incoming = nextInvite(bob);
    const via = (branch: string): string =>
      `Via: SIP/2.0/${transport.toUpperCase()} ${sentBy};branch=z9hG4bK${branch};rport`;
    const parts = { port: 9, target: `sip:bob@127.0.0.1:${port}`, callId: 'calling', contact };
    connection.send(request('INVITE', { ...parts, via: via('1'), headers, body: SDP }));
    const { dialog, acknowledged } = (await incoming).accept({ body: ANSWER });
    const to = (await connection.next('200 OK')).header('To');
    connection.send(request('ACK', { ...parts, via: via('2'), to }));
    await acknowledged;
    return { bob, dialog, connection, toTag: to.split('tag=')[1] };
  }

  for (const transport of ['tcp', 'tls'] as const) {
    for (const [what, parts] of Object.entries({
      'the caller is behind a NAT': {
        sentBy: '192.168.77.7:5062',
        contact: `<sip:nat@192.168.77.7:5062;transport=${transport}>`,
      },
      'its Contact is on a closed port': {
        sentBy: '127.0.0.1:9',
        contact: `<sip:nat@127.0.0.1:9;transport=${transport}>`,
      },
      'its Contact is on another closed port than its Via': {
        sentBy: '127.0.0.1:5099',
        contact: `<sip:nat@127.0.0.1:9;transport=${transport}>`,
      },
      'its Contact names UDP': {
        sentBy: '127.0.0.1:5099',
        contact: '<sip:nat@127.0.0.1:9;transport=udp>',
      },
      'its Contact names a host that does not exist': {
        sentBy: 'df7jal23ls0d.invalid',
        contact: `<sip:nat@df7jal23ls0d.invalid;transport=${transport}>`,
      },
      'its proxy is behind a NAT': {
        sentBy: '10.11.12.13',
        contact: '<sip:nat@phone.example>',
        headers: ['Record-Route: <sip:10.11.12.13;transport=tcp;lr>'],
      },
    })) {
      it(`${transport.toUpperCase()}: go back over the caller's connection when ${what}`, async () => {
        const { dialog, connection } = await calling(transport, parts);
        const over = dialog.bye();
        connection.send(response(await connection.next('BYE sip:nat@'), '200 OK'));
        await over;
      });
    }
  }

  it('TCP: follow the caller to its next connection', async () => {
    const { bob, dialog, connection, toTag } = await calling('tcp', {
      sentBy: '192.168.77.7:5062',
      contact: '<sip:nat@192.168.77.7:5062;transport=tcp>',
    });
    connection.destroy();
    const second = keep(await connectRaw('tcp', bob.localAddress.port));
    const target = `sip:bob@127.0.0.1:${bob.localAddress.port}`;
    second.send(
      request('INFO', {
        port: 9,
        target,
        callId: 'calling',
        to: `<${target}>;tag=${toTag}`,
        cseq: 2,
        via: 'Via: SIP/2.0/TCP 192.168.77.7:5062;branch=z9hG4bK3;rport',
      }),
    );
    await second.next('SIP/2.0');
    const over = dialog.bye();
    second.send(response(await second.next('BYE'), '200 OK'));
    await over;
  });

  it('TLS: make no second connection to the address in Contact while the first one lives', async () => {
    const elsewhere = keep(await RawServer.open('tls', TLS));
    const { dialog, connection } = await calling('tls', {
      sentBy: '127.0.0.1:5099',
      contact: `<sip:nat@127.0.0.1:${elsewhere.port};transport=tls>`,
    });
    const over = dialog.bye();
    connection.send(response(await connection.next('BYE'), '200 OK'));
    await over;
    assert.equal(elsewhere.connections.length, 0);
  });

  describe('over UDP', () => {
    /** Takes a call from that Contact and hangs up; the BYE must come to the source of the call, or to another port. */
    async function assertBye(
      at: 'source' | 'other',
      contact: (other: number) => string,
      sentBy?: (other: number) => string,
    ): Promise<void> {
      const [source, other] = [await bench.raw(), await bench.raw()];
      const bob = await bench.endpoint('bob');
      const { port } = bob.localAddress;
      const parts = {
        port: source.port,
        target: `sip:bob@127.0.0.1:${port}`,
        callId: `udp-${source.port}`,
        contact: contact(other.port),
      };
      const via = (branch: string): { via?: string } =>
        sentBy ? { via: `Via: SIP/2.0/UDP ${sentBy(other.port)};branch=z9hG4bK${branch};rport` } : {};
      const incoming = nextInvite(bob);
      source.send(request('INVITE', { ...parts, ...via('a'), body: SDP }), port);
      const { dialog, acknowledged } = (await incoming).accept({ body: ANSWER });
      const to = (await source.next('200 OK')).header('To');
      source.send(request('ACK', { ...parts, ...via('b'), to }), port);
      await acknowledged;
      const over = dialog.bye();
      const [right, wrong] = at === 'source' ? [source, other] : [other, source];
      right.send(response(await right.next('BYE'), '200 OK'), port);
      await over;
      assert.equal(wrong.count('BYE'), 0);
    }

    for (const address of [
      '10.1.2.3',
      '172.20.1.1',
      '192.168.77.7',
      '100.64.1.1',
      '169.254.9.9',
      '0.0.0.0',
    ]) {
      it(`go to the source of the request when Contact is ${address}`, async () => {
        const own = `${address}:5062`;
        await assertBye(
          'source',
          () => `<sip:nat@${own}>`,
          () => own,
        );
      });
    }

    it('go to the source when a proxy has left a private Contact as it was', async () => {
      await assertBye('source', () => '<sip:nat@10.1.2.3:5062>');
    });

    it('go to the source when a NAT has changed its port only', async () => {
      const own = (other: number): string => `127.0.0.1:${other}`;
      await assertBye('source', (other) => `<sip:nat@${own(other)}>`, own);
    });

    it('go to another port that Contact names', async () => {
      await assertBye('other', (other) => `<sip:raw@127.0.0.1:${other}>`);
    });
  });
});
