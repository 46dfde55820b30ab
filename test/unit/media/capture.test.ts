import assert from 'node:assert/strict';
import { capturedMedia } from '../../../lib/media/captured-media';
import { Captures } from '../../../lib/media/worker/capture/captures';
import { CHUNK_BYTES } from '../../../lib/media/worker/capture/chunk-pool';
import type { CapturedMedia, MediaParameters } from '../../../lib/media';
import { seededRandom } from '../../support/random';

const LOCAL = { address: '127.0.0.1', rtpPort: 4000 };
const MIB = 1024 * 1024;

function rtp(payloadType: number, payload: number, sequence = 0): Buffer {
  const packet = Buffer.alloc(12 + payload, 0xd5);
  packet.writeUInt16BE(0x8000 | payloadType);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(sequence, 4);
  return packet;
}

const parameters = { telephoneEvent: { receivePayloadType: 101, sendPayloadType: 96 } } as MediaParameters;

function read(captures: Captures, id: number, now = 0): CapturedMedia | undefined {
  const kept = captures.read(id, now);
  return kept && capturedMedia(structuredClone(kept));
}

describe('media: the packets that are kept', () => {
  it('are those of both directions and ports with their times, as they were', () => {
    const captures = new Captures({ bytes: MIB });
    const capture = captures.begin(1, 'audio', LOCAL, 0);
    capture.tick(1000.5);
    capture.sent(rtp(0, 160, 7), 172, '10.0.0.2', 5004);
    capture.received(Buffer.concat([rtp(0, 160, 8), Buffer.alloc(10)]), 172, '10.0.0.2', 5004, 1001.25);
    capture.sentReport(Buffer.from('80c90001', 'hex'), 4, '10.0.0.2', 5005);
    capture.receivedReport(Buffer.from('81c90001', 'hex'), 4, '2001:db8::1', 9, 1002);
    const { packets, leftOut } = read(captures, 1) as CapturedMedia;
    const [first] = packets;
    assert.equal(leftOut, 0);
    assert.deepEqual(
      packets.map(({ atMs, direction, local, remote, length }) => [
        atMs - first.atMs,
        direction,
        local,
        remote,
        length,
      ]),
      [
        [0, 'out', '127.0.0.1:4000', '10.0.0.2:5004', 172],
        [0.75, 'in', '127.0.0.1:4000', '10.0.0.2:5004', 172],
        [0, 'out', '127.0.0.1:4001', '10.0.0.2:5005', 4],
        [1.5, 'in', '127.0.0.1:4001', '[2001:db8::1]:9', 4],
      ].map(([at, ...rest]) => [at, ...rest]),
    );
    assert.deepEqual(Buffer.from(first.bytes), rtp(0, 160, 7));
    assert.deepEqual(Buffer.from(packets[1].bytes), rtp(0, 160, 8), 'without what SRTP had appended');
    assert.ok(Math.abs(first.atMs - 1000.5 - (Date.now() - performance.now())) < 1000, 'time of day');
  });

  it('have no audio with `headers`, but their digits, extensions and reports', () => {
    const captures = new Captures({ bytes: MIB });
    const capture = captures.begin(1, 'headers', LOCAL, 0);
    capture.configure(parameters);
    const extended = rtp(0, 200);
    extended[0] = 0x92;
    extended.writeUInt16BE(2, 22);
    const lying = rtp(0, 200);
    lying[0] = 0x9f;
    lying.fill(0xff, 12);
    const report = Buffer.alloc(76, 1);
    report.writeUInt16BE(0x80c8);
    const cases: [Buffer, number][] = [
      [rtp(0, 160), 12],
      [rtp(101, 4), 16],
      [rtp(96, 4), 12],
      [extended, 12 + 8 + 4 + 8],
      [lying, 64],
      [report, 76],
      [Buffer.alloc(0), 0],
      [Buffer.from('x'), 1],
    ];
    for (const [packet] of cases) capture.received(packet, packet.length, '10.0.0.2', 5004, 0);
    capture.sent(rtp(96, 4), 16, '10.0.0.2', 5004);
    const { packets } = read(captures, 1) as CapturedMedia;
    assert.deepEqual(
      packets.map(({ bytes, length }) => [bytes.length, length]),
      [...cases.map(([packet, kept]) => [kept, packet.length]), [16, 16]],
    );
  });

  it('are the latest of a session, and those that went are counted', () => {
    const captures = new Captures({ bytes: MIB, sessionBytes: 4 * CHUNK_BYTES });
    const capture = captures.begin(1, 'audio', LOCAL, 0);
    for (let count = 0; count < 2000; count++) capture.received(rtp(0, 160, count), 172, 'a', 1, count);
    const { packets, leftOut } = read(captures, 1) as CapturedMedia;
    assert.equal(packets.length + leftOut, 2000);
    assert.ok(packets.length > 3 * 80 && packets.length <= 4 * 87, `${packets.length} packets`);
    const sequences = packets.map(({ bytes }) => Buffer.from(bytes).readUInt32BE(4));
    assert.deepEqual(
      sequences,
      sequences.map((_, index) => leftOut + index),
    );
    assert.ok(captures.bytes <= 5 * CHUNK_BYTES);
  });

  it('of a thousand sessions stay within one limit, and what they get for want of room is counted', () => {
    const captures = new Captures({ bytes: 2 * MIB });
    const many = Array.from({ length: 1000 }, (_, id) => captures.begin(id, 'audio', LOCAL, 0));
    for (let count = 0; count < 300; count++) {
      for (const capture of many) capture.received(rtp(0, 160, count), 172, 'a', 1, count);
    }
    assert.equal(captures.bytes, 2 * MIB);
    const kept = many.map((_, id) => read(captures, id) as CapturedMedia);
    assert.ok(kept.every(({ packets, leftOut }) => packets.length + leftOut === 300));
    // 128 chunks for a thousand: each who has one keeps its latest packets there.
    const lucky = kept.filter(({ packets }) => packets.length > 0);
    assert.equal(lucky.length, 128);
    assert.ok(
      lucky.every(({ packets }) => Buffer.from(packets[packets.length - 1].bytes).readUInt32BE(4) === 299),
    );
  });

  it('of many sessions in little memory are each what it was, whatever its length', () => {
    const random = seededRandom(19);
    const captures = new Captures({ bytes: 24 * CHUNK_BYTES, sessionBytes: 4 * CHUNK_BYTES });
    const out = Buffer.alloc(2048);
    const sessions = Array.from({ length: 12 }, (_, id) => ({
      capture: captures.begin(id, 'audio', LOCAL, 0),
      added: [] as string[],
    }));
    for (let count = 0; count < 12_000; count++) {
      const id = Math.floor(random() * (count < 8000 ? 12 : 6));
      if (count === 8000) for (let over = 6; over < 12; over++) captures.end(over, 0);
      const packet = rtp(id, Math.floor(random() * 300), count);
      if (random() < 0.5) {
        packet.copy(out);
        sessions[id].capture.sent(out, packet.length, '10.0.0.2', 5004);
      } else {
        const tail = Buffer.alloc(Math.floor(random() * 60), 0xff);
        sessions[id].capture.received(Buffer.concat([packet, tail]), packet.length, '10.0.0.2', 5004, count);
      }
      sessions[id].added.push(packet.toString('hex'));
    }
    for (const [id, { added }] of sessions.entries()) {
      const { packets, leftOut } = read(captures, id) as CapturedMedia;
      const kept = packets.map(({ bytes }) => Buffer.from(bytes).toString('hex'));
      assert.equal(kept.length + leftOut, added.length);
      assert.ok(id >= 6 || kept.length > 100, `${kept.length} packets of session ${id}`);
      assert.deepEqual(kept, added.slice(leftOut));
    }
    assert.ok(captures.bytes <= 24 * CHUNK_BYTES);
  });

  it('are not followed to more places than a call can have', () => {
    const captures = new Captures({ bytes: MIB });
    const capture = captures.begin(1, 'audio', LOCAL, 0);
    for (let port = 1; port <= 1000; port++) capture.received(rtp(0, 1), 13, '10.0.0.2', port, 0);
    const { packets, leftOut } = read(captures, 1) as CapturedMedia;
    assert.deepEqual([packets.length, leftOut], [64, 936]);
  });

  it('stay for five minutes after the end, of a limited number of sessions, and their memory is used again', () => {
    const captures = new Captures({ bytes: MIB, keptMs: 1000, maxEnded: 2 });
    for (let id = 1; id <= 4; id++) {
      captures.begin(id, 'audio', LOCAL, 0).received(rtp(0, 160), 172, 'a', 1, 0);
      captures.end(id, id);
    }
    assert.deepEqual(
      [1, 2, 3, 4].map((id) => read(captures, id, 10)?.packets.length),
      [undefined, undefined, 1, 1],
    );
    assert.deepEqual(
      [3, 4].map((id) => read(captures, id, 1003.5)?.packets.length),
      [undefined, 1],
    );
    const { bytes } = captures;
    captures.begin(5, 'audio', LOCAL, 5000).received(rtp(0, 160), 172, 'a', 1, 0);
    assert.equal(captures.bytes, bytes);
    assert.equal(read(captures, 99), undefined);
    captures.end(99, 0);
  });

  it('of ended sessions give way to running ones', () => {
    const captures = new Captures({ bytes: 4 * CHUNK_BYTES, sessionBytes: 4 * CHUNK_BYTES });
    const old = captures.begin(1, 'audio', LOCAL, 0);
    for (let count = 0; count < 300; count++) old.received(rtp(0, 160, count), 172, 'a', 1, 0);
    captures.end(1, 1);
    const young = captures.begin(2, 'audio', LOCAL, 2);
    for (let count = 0; count < 160; count++) young.received(rtp(0, 160, count), 172, 'a', 1, 0);
    assert.equal(read(captures, 2)?.leftOut, 0);
    assert.ok((read(captures, 1)?.leftOut ?? 0) > 80);
  });
});
