import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Phone } from '../../../lib/calls';
import { answerBindingRequest } from '../../../lib/stun';
import { nextCall, Phones } from '../../support/phones';
import { parse, response, type RawMessage } from '../sip/support/raw-peer';
import { hearEachOther } from './support/hear-each-other';
import { FAR, freeFarPort, Nat, OUTSIDE, PUBLIC } from './support/nat';

/** RTP and RTCP of the far phone, which the NAT has to let through. */
const FAR_RTP = [21_790, 21_791];

/** A registrar that says where it has seen a REGISTER come from, as RFC 3581 asks. */
class Registrar {
  readonly registers: RawMessage[] = [];
  #arrived: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('message', (bytes, remote) => {
      const message = parse(bytes.toString(), remote.port);
      if (!message.startLine.startsWith('REGISTER')) return;
      this.registers.push(message);
      const via = `${message.header('Via').replace(';rport', '')};received=${remote.address};rport=${remote.port}`;
      const ok = response(message, '200 OK', {
        tag: 'r',
        headers: [`Contact: ${message.header('Contact')}`],
      });
      socket.send(ok.replace(message.header('Via'), via), remote.port, remote.address);
      this.#arrived();
    });
  }

  static async open(): Promise<Registrar> {
    const socket = createSocket('udp4');
    socket.bind(0, OUTSIDE);
    await once(socket, 'listening');
    return new Registrar(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  async registered(contact: string): Promise<void> {
    while (!this.registers.some((each) => each.all('Contact')[0]?.includes(contact))) {
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}

describe('a phone behind a NAT', () => {
  let phones: Phones;
  let nat: Nat | undefined;
  let registrar: Registrar | undefined;
  let stun: Socket | undefined;
  beforeEach(() => {
    phones = new Phones({ mode: 'network', registerExpires: 300 });
  });
  afterEach(async () => {
    await phones.close();
    await nat?.close();
    await registrar?.close();
    if (stun) {
      const closed = once(stun, 'close');
      stun.close();
      await closed;
    }
    nat = registrar = stun = undefined;
  });

  /** The far phone knows nothing of the NAT; only its address is the one by which it is seen from behind. */
  async function farPhone(): Promise<Phone> {
    return phones.phone('2002', {
      bindAddress: OUTSIDE,
      port: await freeFarPort(),
      advertisedAddress: FAR,
      rtpPortMin: FAR_RTP[0],
      rtpPortMax: FAR_RTP[1],
    });
  }

  async function callBothWays(near: Phone, far: Phone, contact: string): Promise<void> {
    const toFar = nextCall(far);
    const out = await near.dial({ target: `sip:2002@${FAR}:${far.address?.port}` });
    const answering = await toFar;
    await answering.answer();
    assert.equal((await out.outcome).kind, 'answered');
    await hearEachOther(out, answering);
    const over = new Promise((resolve) => out.on('ended', resolve));
    // The far side ends it: its BYE has to find the way in.
    await answering.hangup();
    await over;

    const toNear = nextCall(near);
    const second = await far.dial({ target: `sip:1001@${contact}` });
    const incoming = await toNear;
    await incoming.answer();
    assert.equal((await second.outcome).kind, 'answered');
    await hearEachOther(second, incoming);
    await second.hangup();
  }

  it('pitfall 9: registers, calls and is called with audio both ways, by what the registrar says (rport) and latching', async () => {
    registrar = await Registrar.open();
    const far = await farPhone();
    nat = await Nat.open([registrar.port, far.address?.port ?? 0, ...FAR_RTP]);
    const near = await phones.phone('1001', { registrar: `${FAR}:${registrar.port}` });
    const contact = `${PUBLIC}:${await nat.outsidePort('127.0.0.1', near.address?.port ?? 0)}`;
    await registrar.registered(contact);
    const moved = registrar.registers.find((each) => each.all('Contact')[0].includes(contact));
    assert.match(
      moved?.all('Contact')[1] ?? '',
      /127\.0\.0\.1:\d+>;expires=0/,
      'the private Contact is gone',
    );
    await callBothWays(near, far, contact);
  });

  it('pitfall 9: calls and is called with audio both ways, by STUN and latching', async () => {
    const server = (stun = createSocket('udp4'));
    server.on('message', (bytes, remote) => {
      const answer = answerBindingRequest(bytes, remote);
      if (answer) server.send(answer, remote.port, remote.address);
    });
    server.bind(0, OUTSIDE);
    await once(server, 'listening');
    const far = await farPhone();
    nat = await Nat.open([server.address().port, far.address?.port ?? 0, ...FAR_RTP]);
    const near = await phones.phone('1001', { stunServer: `${FAR}:${server.address().port}` });
    const contact = `${PUBLIC}:${await nat.outsidePort('127.0.0.1', near.address?.port ?? 0)}`;
    await callBothWays(near, far, contact);
  });

  it('pitfall 9: calls with audio both ways under an advertised address', async () => {
    const far = await farPhone();
    nat = await Nat.open([far.address?.port ?? 0, ...FAR_RTP]);
    const near = await phones.phone('1001', { advertisedAddress: PUBLIC });
    const incoming = nextCall(far);
    const out = await near.dial({ target: `sip:2002@${FAR}:${far.address?.port}` });
    const answering = await incoming;
    assert.match(answering.lastSip.headers?.['Contact'][0] ?? '', new RegExp(PUBLIC));
    await answering.answer();
    await hearEachOther(out, answering);
    await out.hangup();
  });

  it('warns of a STUN server that does not answer, and calls all the same', async () => {
    const far = await farPhone();
    const near = phones.create('1001', { stunServer: `${OUTSIDE}:9` });
    const warned = new Promise<Error>((resolve) => near.on('warning', resolve));
    await near.start();
    const incoming = nextCall(far);
    const out = await near.dial({ target: `sip:2002@${OUTSIDE}:${far.address?.port}` });
    await (await incoming).reject({ status: 486 });
    assert.equal((await out.outcome).kind, 'failed');
    assert.match((await warned).message, /STUN server 127\.0\.0\.2:9 did not answer/);
  }).timeout(20_000);
});
