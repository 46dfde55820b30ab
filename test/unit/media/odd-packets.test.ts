import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { MediaMeters, WorkerMeter } from '../../../lib/media/meters';
import type { MediaEvent } from '../../../lib/media/protocol';
import { BoundPort, type PacketHandler } from '../../../lib/media/worker/bound-port';
import { Captures } from '../../../lib/media/worker/capture/captures';
import { DgramDriver } from '../../../lib/media/worker/datagrams';
import type { FileClient } from '../../../lib/media/worker/file-client';
import { Session } from '../../../lib/media/worker/session';
import type { WheelDriver } from '../../../lib/media/worker/wheel-driver';
import { towards } from '../../wire/media/support/sessions';

/** What no socket of this machine would let through: packets with any source, put into a session that sends for real. */
class Injected {
  readonly events: MediaEvent[] = [];
  now = 1000;
  readonly session: Session;
  rtp: PacketHandler = () => undefined;
  rtcp: PacketHandler = () => undefined;

  constructor(bound: BoundPort, peerPort: number) {
    const port = {
      wireAddress: (address: string) => address,
      open: (rtp: PacketHandler, rtcp: PacketHandler) => {
        this.rtp = rtp;
        this.rtcp = rtcp;
      },
      sendRtp: bound.sendRtp.bind(bound),
      sendRtcp: bound.sendRtcp.bind(bound),
      close: () => bound.close(),
    };
    this.session = new Session(1, port as unknown as BoundPort, towards(peerPort), {
      wheel: {
        quietest: () => this.now,
        add: () => undefined,
        remove: () => undefined,
      } as unknown as WheelDriver,
      meter: new WorkerMeter(new MediaMeters().hire()),
      files: {} as FileClient,
      captures: new Captures({ bytes: 1 << 20 }),
      emit: (event) => this.events.push(event),
    });
  }

  /** One packet time: whatever is due is sent. */
  tick(): void {
    this.now += 20;
    this.session.onDue(this.now);
  }
}

const ODD_SOURCES: [address: string, port: number][] = [
  ['127.0.0.1', 0],
  ['127.0.0.1', 1],
  ['0.0.0.0', 5004],
  ['224.0.1.1', 5004],
  ['255.255.255.255', 5004],
  ['127.255.255.255', 5004],
  ['::', 5004],
  ['ff02::1', 5004],
  ['', 5004],
];

/** Ten bytes of header, CSRCs, extension or padding that say what is not so, then random ones. */
function lying(index: number): Buffer {
  const packet = Buffer.alloc((index * 37) % 400, (index * 101) & 0xff);
  if (packet.length < 12) return packet;
  packet[0] = 0x80 | (index & 0x3f);
  packet[1] = (index >> 6) & 0xff;
  packet.writeUInt16BE(index & 0xffff, 2);
  packet.writeUInt32BE((index * 160) >>> 0, 4);
  if (index % 3 === 0) packet.writeUInt16BE(0xffff, Math.min(14, packet.length - 2));
  packet[packet.length - 1] = index % 256;
  return packet;
}

describe('media: packets that no peer would send', () => {
  let injected: Injected;
  let peer: ReturnType<typeof createSocket>;
  beforeEach(async () => {
    peer = createSocket('udp4');
    peer.bind(0, '127.0.0.1');
    await once(peer, 'listening');
    injected = new Injected(await BoundPort.bind('127.0.0.1', 0, new DgramDriver()), peer.address().port);
  });
  afterEach(async () => {
    await injected.session.close();
    const closed = once(peer, 'close');
    peer.close();
    await closed;
  });

  const failures = (): MediaEvent[] => injected.events.filter(({ type }) => type === 'failed');

  function valid(index: number, ssrc = 7): Buffer {
    const packet = Buffer.alloc(172, 0x55);
    packet.writeUInt16BE(0x8000, 0);
    packet.writeUInt16BE(index & 0xffff, 2);
    packet.writeUInt32BE(index * 160, 4);
    packet.writeUInt32BE(ssrc, 8);
    return packet;
  }

  it('a valid stream from a place that cannot be answered is counted, and we go on sending to the peer', async () => {
    const heard = once(peer, 'message');
    let count = 0;
    for (const [address, port] of ODD_SOURCES) {
      for (let index = 0; index < 100; index++) {
        injected.rtp(valid(index), address, port, injected.now);
        injected.rtcp(Buffer.from('81c9000700000007', 'hex'), address, port, injected.now);
        injected.tick();
        count++;
      }
    }
    await heard;
    const { received, sent } = injected.session.statistics();
    assert.deepEqual([received.packets, sent.packets], [0, count]);
    assert.ok(received.discarded >= count);
    assert.deepEqual(failures(), []);
  });

  it('the last port of all, which has no odd one above it, is answered as far as it can be', async () => {
    for (let index = 0; index < 500; index++) {
      injected.rtp(valid(index), '127.0.0.2', 65535, injected.now);
      injected.tick();
    }
    assert.equal(injected.session.statistics().received.packets, 500);
    assert.deepEqual(failures(), [], 'no report could be sent');
  });

  it('whatever its bytes say of payload type, CSRCs, extension and padding, it ends nothing', () => {
    for (let index = 0; index < 10_000; index++) {
      injected.rtp(lying(index), '127.0.0.1', peer.address().port, injected.now);
      injected.rtcp(lying(index), '127.0.0.1', peer.address().port + 1, injected.now);
      if (index % 50 === 0) injected.tick();
    }
    assert.deepEqual(failures(), []);
    const { received, sent } = injected.session.statistics();
    assert.equal(sent.packets, 200);
    assert.ok(received.discarded > 3000, `${received.discarded} discarded`);
  });

  it('a source that changes every second is followed, and nothing grows or ends', () => {
    let index = 0;
    for (let second = 0; second < 120; second++) {
      for (let packet = 0; packet < 50; packet++) {
        injected.rtp(valid(index++), `127.0.0.${2 + (second % 100)}`, 2000 + second, injected.now);
        injected.tick();
      }
    }
    const { received } = injected.session.statistics();
    assert.ok(received.packets >= 120 * 40, `${received.packets} of ${index}`);
    assert.equal(received.packets + received.discarded, index);
    assert.deepEqual(failures(), []);
  });
});
