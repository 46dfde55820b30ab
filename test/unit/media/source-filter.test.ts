import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { isAnswerable } from '../../../lib/media/worker/receive/answerable';
import { SourceFilter } from '../../../lib/media/worker/receive/source-filter';

const PTIME_MS = 20;
/** SSRCs of the peer and of somebody else. */
const PEER = 0x1111;
const OTHER = 0x2222;

/** A filter, and the packets that come to it on a clock of its own. */
class Stream {
  readonly filter = new SourceFilter();
  now = 1000;
  readonly #sequences = new Map<number, number>();

  constructor(address = '192.0.2.1', port = 4000) {
    this.filter.signalled(address, port);
  }

  get source(): [string, number] {
    return [this.filter.address, this.filter.port];
  }

  /** One valid packet as the receiver of a session treats it; whether it was taken. */
  packet(address: string, port: number, ssrc = PEER): boolean {
    const sequence = ((this.#sequences.get(ssrc) ?? 65_500) + 1) & 0xffff;
    this.#sequences.set(ssrc, sequence);
    return this.numbered(address, port, ssrc, sequence);
  }

  numbered(address: string, port: number, ssrc: number, sequence: number): boolean {
    const verdict = this.filter.judge(address, port);
    if (verdict === 'refused') return false;
    if (verdict === 'foreign' && !this.filter.claims(address, port, ssrc, sequence, this.now)) return false;
    this.filter.confirm(address, port, ssrc, sequence, this.now);
    return true;
  }

  /** A packet each packet time; how many were taken. */
  talk(count: number, address: string, port: number, ssrc = PEER): number {
    let taken = 0;
    for (let index = 0; index < count; index++) {
      this.now += PTIME_MS;
      if (this.packet(address, port, ssrc)) taken++;
    }
    return taken;
  }
}

describe('media: source filter and symmetric RTP', () => {
  it('accepts the address of the SDP and then nobody else', () => {
    const stream = new Stream();
    assert.equal(stream.talk(10, '192.0.2.1', 4000), 10);
    assert.equal(stream.packet('198.51.100.9', 4000, OTHER), false);
    assert.equal(stream.packet('192.0.2.1', 4002, OTHER), false);
  });

  it('follows the first valid stream when the SDP names an address behind a NAT', () => {
    const stream = new Stream();
    assert.equal(stream.filter.judge('203.0.113.5', 61000), 'latch');
    assert.equal(stream.filter.address, '192.0.2.1', 'judging alone changes nothing');
    assert.ok(stream.packet('203.0.113.5', 61000));
    assert.deepEqual(stream.source, ['203.0.113.5', 61000]);
    assert.equal(stream.packet('198.51.100.9', 4000, OTHER), false);
  });

  it('goes back to the address of the SDP when packets come from there after all', () => {
    const stream = new Stream();
    stream.talk(10, '198.51.100.9', 9999);
    assert.equal(stream.filter.judge('192.0.2.1', 4000), 'latch');
    assert.ok(stream.packet('192.0.2.1', 4000));
    assert.equal(stream.packet('198.51.100.9', 9999, OTHER), false);
  });

  it('does not let a late packet of the call before keep the peer out', () => {
    const stream = new Stream();
    stream.packet('198.51.100.9', 9999, OTHER);
    assert.equal(stream.talk(4, '203.0.113.5', 61000), 0);
    assert.ok(stream.packet('203.0.113.5', 61000), 'the fifth in a row');
    assert.deepEqual(stream.source, ['203.0.113.5', 61000]);
  });

  it('starts over with a new address, and keeps what was latched when the SDP repeats the old one', () => {
    const stream = new Stream();
    stream.packet('203.0.113.5', 61000);
    stream.filter.signalled('192.0.2.1', 4000);
    assert.equal(stream.filter.address, '203.0.113.5');
    stream.filter.signalled('192.0.2.7', 5000);
    assert.deepEqual(stream.source, ['192.0.2.7', 5000]);
    assert.equal(stream.filter.judge('203.0.113.6', 6000), 'latch');
  });

  it('does not latch back on the party that a transfer has replaced, unless it goes on for long', () => {
    const stream = new Stream();
    stream.packet('192.0.2.9', 4444);
    stream.filter.signalled('192.0.2.2', 5000);
    assert.equal(stream.talk(100, '192.0.2.9', 4444), 0);
    assert.equal(stream.filter.judge('192.0.2.7', 7777), 'latch', 'the new peer may be behind a NAT');
    assert.equal(stream.filter.judge('192.0.2.2', 5000), 'accept');
    assert.equal(stream.filter.judge('192.0.2.9', 4444), 'latch', 'its SDP has changed, but not where it is');
    assert.deepEqual(stream.source, ['192.0.2.2', 5000]);
  });
});

describe('media: a stream that goes on from another place', () => {
  for (const [what, address, port] of [
    ['the address of the SDP', '192.0.2.1', 4000],
    ['a latched one', '203.0.113.5', 61000],
  ] as const) {
    it(`is the same by its SSRC and numbers, as when a NAT rebinds (${what})`, () => {
      const stream = new Stream();
      stream.talk(100, address, port);
      assert.equal(stream.talk(50, '203.0.113.77', 1025), 41, 'all but 200 ms of it');
      assert.deepEqual(stream.source, ['203.0.113.77', 1025]);
    });
  }

  it('is learned after a longer silence when it is another one: sooner from the same host', () => {
    for (const [host, packets] of [
      ['203.0.113.5', 49],
      ['203.0.113.6', 99],
    ] as const) {
      const stream = new Stream();
      stream.talk(100, '203.0.113.5', 61000);
      assert.equal(stream.talk(packets, host, 7000, OTHER), 0);
      assert.ok(stream.talk(1, host, 7000, OTHER));
      assert.equal(stream.talk(50, host, 7000, OTHER), 50);
    }
  });

  it('never is while the source lives, with the right SSRC neither, however many packets come', () => {
    const stream = new Stream();
    stream.talk(10, '203.0.113.5', 61000);
    for (let index = 0; index < 1000; index++) {
      assert.equal(stream.talk(1, '203.0.113.5', 61000), 1);
      assert.equal(stream.packet('198.51.100.9', 6666, OTHER), false);
      assert.equal(stream.packet('203.0.113.5', 6666, OTHER), false);
      assert.equal(stream.numbered('198.51.100.9', 6666, PEER, (65_511 + index) & 0xffff), false);
    }
    assert.deepEqual(stream.source, ['203.0.113.5', 61000]);
  });

  it('must be a run of packets: single ones to every port find no silence to use', () => {
    const stream = new Stream();
    stream.talk(10, '203.0.113.5', 61000);
    stream.now += 5000;
    for (let index = 0; index < 200; index++) {
      stream.now += 7;
      assert.equal(stream.numbered('198.51.100.9', 6666, OTHER, (index * 7919) & 0xffff), false);
    }
    for (let ssrc = 1; ssrc < 50; ssrc++) assert.equal(stream.talk(1, '198.51.100.9', 6000 + ssrc, ssrc), 0);
  });

  it('finds its way although others send to the port as well', () => {
    const stream = new Stream();
    stream.talk(10, '203.0.113.5', 61000);
    let taken = 0;
    for (let index = 0; index < 100; index++) {
      stream.packet('198.51.100.9', 6666, OTHER);
      taken += stream.talk(1, '203.0.113.5', 61001);
    }
    assert.ok(taken >= 85, `${taken} of 100`);
  });

  it('is nothing that the silence of a peer shows that is on hold, or pauses with comfort noise', () => {
    const held = new Stream();
    held.talk(10, '203.0.113.5', 61000);
    held.filter.expected = false;
    assert.equal(held.talk(1000, '198.51.100.9', 6666, OTHER), 0);
    assert.ok(held.talk(10, '203.0.113.5', 61002) > 0, 'the same stream shows itself all the same');

    const pausing = new Stream();
    pausing.talk(10, '203.0.113.5', 61000);
    pausing.filter.pausing = true;
    assert.equal(pausing.talk(400, '198.51.100.9', 6666, OTHER), 0);
  });

  it('gives way at once when the stream whose silence it used speaks again, from wherever', () => {
    for (const port of [61000, 61004]) {
      const stream = new Stream();
      stream.talk(10, '203.0.113.5', 61000);
      stream.now += 3000;
      assert.ok(stream.talk(20, '198.51.100.9', 6666, OTHER) > 0);
      assert.ok(stream.packet('203.0.113.5', port));
      assert.equal(stream.talk(40, '203.0.113.5', port), 40);
      assert.equal(stream.packet('198.51.100.9', 6666, OTHER), false);
    }
  });

  it('is followed from place to place when it changes every second', () => {
    const stream = new Stream();
    let taken = 0;
    for (let second = 0; second < 60; second++) taken += stream.talk(50, '203.0.113.5', 2000 + second);
    assert.ok(taken >= 60 * 40, `${taken} of 3000`);
  });
});

describe('media: sources that cannot be answered', () => {
  const odd: [address: string, port: number][] = [
    ['203.0.113.5', 0],
    ['203.0.113.5', 1],
    ['203.0.113.5', -1],
    ['203.0.113.5', 65536],
    ['0.0.0.0', 4000],
    ['0.1.2.3', 4000],
    ['224.0.0.1', 4000],
    ['239.255.255.250', 4000],
    ['240.0.0.1', 4000],
    ['255.255.255.255', 4000],
    ['::', 4000],
    ['ff02::1', 4000],
    ['FF05::2', 4000],
    ['::ffff:224.0.0.1', 4000],
    ['::ffff:0.0.0.0', 4000],
    ['2001:db8::1', 0],
  ];

  it('are never latched on, and do not disturb the stream', () => {
    for (const [address, port] of odd) {
      const stream = new Stream();
      assert.equal(stream.talk(100, address, port), 0, `${address}:${port}`);
      assert.deepEqual(stream.source, ['192.0.2.1', 4000]);
      assert.equal(stream.talk(10, '203.0.113.5', 61000), 10);
      stream.now += 60_000;
      assert.equal(stream.talk(100, address, port), 0, `${address}:${port}, in a silence`);
      assert.deepEqual(stream.source, ['203.0.113.5', 61000]);
    }
  });

  it('are none that the SDP names by mistake either: port 0 is no place', () => {
    const stream = new Stream('192.0.2.1', 0);
    assert.equal(stream.packet('192.0.2.1', 0), false);
    assert.ok(stream.packet('192.0.2.1', 4000));
  });

  it('include the broadcast addresses of the networks that the machine is in', () => {
    const loopback = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ address, netmask }) => address === '127.0.0.1' && netmask === '255.0.0.0');
    assert.equal(isAnswerable('127.255.255.255', 4000), loopback === undefined);
    for (const address of ['127.0.0.1', '10.0.0.255', '::1', 'fe80::1%eth0', '::ffff:192.0.2.1']) {
      assert.ok(isAnswerable(address, 4000), address);
    }
  });
});
