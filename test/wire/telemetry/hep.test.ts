import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { PhoneOptions } from '../../../lib/calls';
import { systemClock } from '../../../lib/common';
import { createTelemetry, type Telemetry } from '../../../lib/telemetry';
import { TcpSink } from '../../../lib/telemetry/hep/tcp-sink';
import { readHep, type HepRecord } from '../../support/hep';
import { connect, Phones } from '../../support/phones';

/** A collector that is a process of its own. */
class Collector {
  readonly packets: HepRecord[] = [];
  port = 0;
  #process: ChildProcess | undefined;
  #heard: () => void = () => undefined;

  async start(): Promise<this> {
    const child = spawn(process.execPath, ['--import', 'tsx', require.resolve('../../support/hep'), '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    const lines = createInterface({ input: child.stdout });
    const listens = new Promise<number>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the collector ended')));
      lines.on('line', (line) => {
        const said = JSON.parse(line) as HepRecord | { listens: number };
        if ('listens' in said) return resolve(said.listens);
        this.packets.push(said);
        this.#heard();
      });
    });
    this.port = await listens;
    return this;
  }

  /** Resolves when what has come satisfies `enough`. */
  async until(enough: (packets: HepRecord[]) => boolean): Promise<HepRecord[]> {
    const late = Date.now() + 10_000;
    while (!enough(this.packets)) {
      assert.ok(Date.now() < late, `only ${this.packets.map(({ payload }) => payload.slice(0, 20)).join()}`);
      await Promise.race([new Promise<void>((resolve) => (this.#heard = resolve)), delay(100)]);
    }
    return this.packets;
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill();
    await exited;
  }
}

interface RtcpJson {
  type: number;
  ssrc: number;
  report_count: number;
  sender_information?: { packets: number };
  report_blocks: { source_ssrc: number; fraction_lost: number; packets_lost: number; ia_jitter: number }[];
}

const methods = (packets: HepRecord[]): string[] =>
  packets
    .filter(({ type }) => type === 1)
    .map(({ payload }) => /^(?:SIP\/2\.0 (\d+)|(\w+))/.exec(payload)?.slice(1).join('') ?? payload);

const hepCounts = (telemetry: Telemetry): Record<string, number> =>
  Object.fromEntries(
    [...telemetry.metrics().body.matchAll(/sipflow_hep_packets_total\{result="(\w+)"\} (\d+)/g)].map(
      ([, result, value]) => [result, Number(value)],
    ),
  );

describe('copies for a collector', () => {
  let phones: Phones;
  let telemetry: Telemetry;
  const collectors: Collector[] = [];
  const servers: { server: Server; sockets: Socket[] }[] = [];
  const start = (options: Partial<PhoneOptions> = {}): void => {
    phones = new Phones(options);
    telemetry = createTelemetry(phones.world);
  };
  const collector = async (): Promise<Collector> => {
    const made = await new Collector().start();
    collectors.push(made);
    return made;
  };
  /** A TCP server that does with each connection what the test says. */
  const stream = async (onSocket: (socket: Socket) => void): Promise<number> => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      onSocket(socket);
    });
    servers.push({ server, sockets });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  afterEach(async () => {
    await phones.close();
    await telemetry.close();
    await Promise.all(collectors.splice(0).map((each) => each.stop()));
    for (const { server, sockets } of servers.splice(0)) {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    }
  });

  for (const scheme of ['', 'tcp://']) {
    for (const transport of ['udp', 'tls'] as const) {
      it(`have the SIP of a call over ${transport} and its RTCP with real figures, by ${scheme || 'datagrams'}`, async () => {
        start({ transport, srtp: transport === 'tls' ? 'required' : 'off' });
        const home = await collector();
        const [alice, bob] = [phones.create('1001'), phones.create('1002')];
        telemetry.observe(alice, { hep: `${scheme}127.0.0.1:${home.port}` });
        await Promise.all([alice.start(), bob.start()]);
        const call = await connect(alice, bob);
        let rtp = (await call.out.info()).rtp;
        for (
          ;
          !rtp || Math.min(rtp.sent.packets, rtp.received.packets) < 10;
          rtp = (await call.out.info()).rtp
        ) {
          await delay(20);
        }
        const { ssrc } = rtp;
        await call.out.hangup();
        const info = await call.out.info();
        const packets = await home.until(
          (all) =>
            methods(all).includes('BYE') &&
            methods(all).at(-1) === '200' &&
            all.some(({ type }) => type === 5),
        );

        assert.deepEqual(methods(packets), ['INVITE', '180', '200', 'ACK', 'BYE', '200']);
        const [invite, ringing] = packets.filter(({ type }) => type === 1);
        const [own, other] = [alice.address?.port, bob.address?.port];
        if (transport === 'udp') assert.deepEqual([invite.sourcePort, invite.destinationPort], [own, other]);
        assert.equal(invite.destinationPort, other);
        assert.deepEqual(
          [ringing.sourcePort, invite.source, invite.destination],
          [other, '127.0.0.1', '127.0.0.1'],
        );
        assert.equal(invite.protocol, transport === 'udp' ? 17 : 6);
        assert.ok(invite.atMs >= Date.parse(info.startedAt) && invite.atMs <= Date.parse(info.endedAt ?? ''));
        for (const { correlation, node, family } of packets) {
          assert.deepEqual([correlation, node, family], [call.out.ref.callId, 'phone 1001', 2]);
        }
        // Every message is as long as it says: secrets are masked character by character.
        for (const { payload } of packets.filter(({ type }) => type === 1)) {
          const [head, body] = payload.split('\r\n\r\n');
          assert.equal(body.length, Number(/^Content-Length: *(\d+)/im.exec(head)?.[1]), head);
          assert.doesNotMatch(payload, /inline:[^*]/);
        }

        const reports = packets.filter(({ type }) => type === 5);
        const sent = reports
          .map(({ payload, ...facts }) => ({ ...facts, ...(JSON.parse(payload) as RtcpJson) }))
          .find((report) => report.ssrc === ssrc);
        assert.ok(sent, 'our report is there');
        assert.deepEqual([sent.type, sent.report_count], [200, 1]);
        const [block] = sent.report_blocks;
        assert.equal(block.source_ssrc, info.rtp?.remoteSsrc);
        assert.deepEqual([block.fraction_lost, block.packets_lost], [0, 0]);
        assert.ok(sent.sender_information && sent.sender_information.packets >= 10);
        assert.ok(sent.sender_information.packets <= (info.rtp?.sent.packets ?? 0));
        assert.equal(sent.sourcePort % 2, 1, 'from the RTCP port');
        assert.equal(hepCounts(telemetry).dropped, 0);
      });
    }
  }

  it('hide credentials, and are of both directions', async () => {
    start();
    const home = await collector();
    const [alice, bob] = [
      phones.create('1001', { authUser: 'u', password: 'secret' }),
      phones.create('1002', { authUser: 'u', password: 'secret', authenticateIncoming: true }),
    ];
    telemetry.observe(alice, { hep: `127.0.0.1:${home.port}` });
    telemetry.observe(bob, { hep: `127.0.0.1:${home.port}` });
    await Promise.all([alice.start(), bob.start()]);
    const { out } = await connect(alice, bob);
    await out.hangup();
    const packets = await home.until((all) => methods(all).filter((name) => name === 'BYE').length === 2);
    const proofs = packets.flatMap(({ payload }) => /^Authorization: (.*)$/im.exec(payload)?.[1] ?? []);
    assert.equal(proofs.length >= 2, true);
    for (const proof of proofs) assert.match(proof, /response="\*{64}"/);
    assert.deepEqual([...new Set(packets.map(({ node }) => node))].sort(), ['phone 1001', 'phone 1002']);
  });

  it('name the address that leads to the peer where a phone listens at all of them', async () => {
    start({ mode: 'network', bindAddress: '0.0.0.0' });
    const home = await collector();
    const alice = phones.create('1001');
    telemetry.observe(alice, { hep: `127.0.0.1:${home.port}` });
    const bob = phones.create('1002', { bindAddress: '127.0.0.1' });
    await Promise.all([alice.start(), bob.start()]);
    const { out } = await connect(alice, bob, `sip:1002@127.0.0.1:${bob.address?.port}`);
    while (!(await out.info()).rtp?.received.packets) await delay(20);
    await out.hangup();
    const packets = await home.until(
      (all) => all.some(({ type }) => type === 5) && methods(all).at(-1) === '200',
    );
    for (const { source, destination } of packets)
      assert.deepEqual([source, destination], ['127.0.0.1', '127.0.0.1']);
  });

  it('are dropped and counted while nobody is there, over either transport, and told once', async () => {
    start();
    const closed = createSocket('udp4').bind(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address();
    await new Promise<void>((resolve) => closed.close(() => resolve()));
    const troubles: Error[] = [];
    const onHepTrouble = (problem: Error): void => void troubles.push(problem);
    const [alice, bob] = [phones.create('1001'), phones.create('1002')];
    telemetry.observe(alice, { hep: `127.0.0.1:${port}`, onHepTrouble });
    telemetry.observe(bob, { hep: `tcp://127.0.0.1:${port}`, onHepTrouble });
    await Promise.all([alice.start(), bob.start()]);
    for (let count = 0; count < 5; count++) {
      const { out } = await connect(alice, bob);
      await out.hangup();
      assert.equal((await out.info()).endedBy, 'local');
    }
    const { sent, dropped } = hepCounts(telemetry);
    // 6 messages and some RTCP of each call, on both sides; a datagram is gone before it is known that nobody takes it.
    assert.ok(dropped >= 45 && sent <= 15, `${sent} sent, ${dropped} dropped`);
    assert.deepEqual(
      troubles.map((each) => [
        (each as { code?: string }).code,
        /collector (tcp:\/\/)?127/.test(each.message),
      ]),
      [
        ['TRANSPORT', true],
        ['TRANSPORT', true],
      ],
    );
  });

  it('come again when a collector is back, and lose only what fell between', async () => {
    start();
    let accepted = 0;
    const got: string[] = [];
    const port = await stream((socket) => {
      accepted += 1;
      if (accepted === 1) {
        socket.resetAndDestroy();
        return;
      }
      let waiting = Buffer.alloc(0);
      socket.on('data', (bytes: Buffer) => {
        const { packets, rest } = readHep(Buffer.concat([waiting, bytes]));
        waiting = Buffer.from(rest);
        got.push(...methods(packets));
      });
    });
    const [alice, bob] = [phones.create('1001'), phones.create('1002')];
    telemetry.observe(alice, { hep: `tcp://127.0.0.1:${port}` });
    await Promise.all([alice.start(), bob.start()]);
    const first = await connect(alice, bob);
    await first.out.hangup();
    const late = Date.now() + 10_000;
    while (!got.includes('BYE')) {
      assert.ok(Date.now() < late, got.join());
      const { out } = await connect(alice, bob);
      await out.hangup();
      await delay(50);
    }
    assert.ok(accepted >= 2);
    assert.ok(hepCounts(telemetry).dropped > 0);
  });

  it('do not pile up for a collector that takes nothing', async () => {
    start();
    const connected = new Promise<Socket>((resolve) => void stream(resolve).then((port) => open(port)));
    let sink: TcpSink | undefined;
    const open = (port: number): void => {
      sink = new TcpSink({ transport: 'tcp', host: '127.0.0.1', port }, systemClock, () => undefined);
      assert.equal(sink.ready(), true);
    };
    (await connected).pause();
    assert.ok(sink);
    // The system's own buffers take some megabytes of it.
    const packet = Buffer.alloc(60_000);
    for (let count = 0; count < 1000; count++) {
      sink.send(packet);
      if (count % 10 === 0) await turn();
    }
    assert.equal(sink.ready(), false, 'so that no further packet is made');
    assert.ok(sink.counts.dropped > 700, `${sink.counts.dropped} of 1000 dropped`);
    const began = performance.now();
    await sink.close();
    assert.ok(performance.now() - began < 1000);
    assert.equal(sink.counts.sent + sink.counts.dropped, 1000, 'each packet is counted once');
  });

  it('refuse an address that is none, and count a phone once', async () => {
    start();
    const alice = phones.create('1001');
    assert.throws(() => telemetry.observe(alice, { hep: 'nowhere at all' }), {
      code: 'BAD_CONFIG',
      field: 'hep',
    });
    telemetry.observe(alice);
    const end = telemetry.observe(alice);
    const bob = phones.create('1002');
    telemetry.observe(bob);
    await Promise.all([alice.start(), bob.start()]);
    await (await connect(alice, bob)).out.hangup();
    await end();
    await end();
    assert.match(telemetry.metrics().body, /sipflow_calls_total\{direction="out",outcome="answered"\} 1\n/);
    await alice.close();
    assert.match(telemetry.metrics().body, /sipflow_phones\{state="ready"\} 1\n/);
  });
});
