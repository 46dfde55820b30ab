import assert from 'node:assert/strict';
import { Rfc4733Receiver } from '../../../lib/dtmf/rfc4733-receiver';
import { Rfc4733Sender } from '../../../lib/dtmf/rfc4733-sender';
import { seededRandom } from '../../support/random';

interface Packet {
  atMs: number;
  timestamp: number;
  payload: Buffer;
}

const SSRC = 0xdecafbad;

/** A receiver that writes down what it reports. */
function listen(clockRate = 8000, ptimeMs = 20) {
  const log: string[] = [];
  const digits: { digit: string; durationMs: number; startedAtMs: number }[] = [];
  const receiver = new Rfc4733Receiver(
    { clockRate, ptimeMs },
    {
      start: (digit) => log.push(`start ${digit}`),
      digit: (digit, startedAtMs, durationMs) => {
        log.push(`${digit} ${durationMs}`);
        digits.push({ digit, startedAtMs, durationMs });
      },
    },
  );
  const hex = (timestamp: number, payload: string, nowMs: number, ssrc = SSRC): void =>
    receiver.receive(ssrc, timestamp, Buffer.from(payload, 'hex'), nowMs);
  return { receiver, log, digits, hex };
}

/** What a sender puts on the wire for these digits. */
function wire(
  digits: string,
  toneMs: number,
  gapMs: number,
  clockRate: number,
  ptimeMs: number,
  from = 0,
): Packet[] {
  const sender = new Rfc4733Sender({ clockRate, ptimeMs });
  const packets: Packet[] = [];
  sender.start(digits, toneMs, gapMs);
  for (let tick = 0; sender.active; tick++) {
    const payload = Buffer.alloc(4);
    if (sender.tick((from + (tick * ptimeMs * clockRate) / 1000) >>> 0, payload) > 0) {
      packets.push({ atMs: tick * ptimeMs, timestamp: sender.timestamp, payload });
    }
  }
  return packets;
}

describe('RFC 4733 receiver', () => {
  /** What comes of these digits when the sender counts durations by `eventClockRate` and the receiver by 8000. */
  function besideOpus(digits: string, toneMs: number, eventClockRate: number): [string, number][] {
    const heard: [string, number][] = [];
    const receiver = new Rfc4733Receiver(
      { clockRate: 8000, streamClockRate: 48_000, ptimeMs: 20 },
      { start: () => undefined, digit: (digit, _at, durationMs) => heard.push([digit, durationMs]) },
    );
    const sender = new Rfc4733Sender({ clockRate: 48_000, eventClockRate, ptimeMs: 20 });
    sender.start(digits, toneMs, 60);
    for (let tick = 0; sender.active; tick++) {
      const payload = Buffer.alloc(4);
      const sent = sender.tick(tick * 960, payload) > 0;
      if (sent) receiver.receive(SSRC, sender.timestamp, payload, tick * 20);
      if (receiver.active) receiver.poll(tick * 20);
    }
    return heard;
  }

  it('beside Opus takes events whose durations count 8000, and those that count the audio all the same', () => {
    for (const eventClockRate of [8000, 48_000]) {
      const heard = besideOpus('1122', 100, eventClockRate);
      assert.deepEqual(heard, [
        ['1', 100],
        ['1', 100],
        ['2', 100],
        ['2', 100],
      ]);
    }
    assert.deepEqual(besideOpus('7', 20_000, 8000), [['7', 20_000]], 'several segments');
  });

  it('reports the start at the first packet and the digit at the first end, once', () => {
    const { log, digits, hex } = listen();
    hex(1000, '050a00a0', 10);
    assert.deepEqual(log, ['start 5']);
    hex(1000, '050a0140', 30);
    hex(1000, '058a01e0', 50);
    assert.deepEqual(log, ['start 5', '5 60']);
    hex(1000, '058a01e0', 70);
    hex(1000, '058a01e0', 90);
    assert.deepEqual(log, ['start 5', '5 60']);
    assert.equal(digits[0].startedAtMs, 10);
  });

  it('needs no more than one packet of a digit', () => {
    const end = listen();
    end.hex(1000, '0b8a0320', 0);
    assert.deepEqual(end.log, ['start #', '# 100']);

    const middle = listen();
    middle.hex(1000, '0b0a0320', 0);
    for (let now = 5; now <= 1000; now += 5) middle.receiver.poll(now);
    assert.deepEqual(middle.log, ['start #', '# 100']);
  });

  it('ends a digit whose packets cease after three intervals, and stays deaf to its rest', () => {
    const { receiver, log, hex } = listen();
    hex(1000, '010a00a0', 0);
    hex(1000, '010a0140', 20);
    hex(1000, '010a01e0', 40);
    receiver.poll(100);
    assert.deepEqual(log, ['start 1']);
    receiver.poll(111);
    assert.deepEqual(log, ['start 1', '1 60']);
    hex(1000, '018a0780', 250);
    assert.deepEqual(log, ['start 1', '1 60']);
  });

  it('learns the interval of senders that report every 50 ms', () => {
    const { receiver, log, hex } = listen();
    hex(0, '010a0190', 0);
    hex(0, '010a0320', 50);
    receiver.poll(200);
    assert.equal(receiver.active, true);
    receiver.poll(226);
    assert.deepEqual(log, ['start 1', '1 100']);
  });

  it('ends a digit when another begins, the same one too, without any end packet', () => {
    const { receiver, log, hex } = listen();
    hex(1000, '010a00a0', 0);
    hex(2600, '010a00a0', 20);
    hex(4200, '020a00a0', 40);
    hex(4200, '030a00a0', 60);
    receiver.flush();
    receiver.flush();
    assert.deepEqual(log, ['start 1', '1 20', 'start 1', '1 20', 'start 2', '2 20', 'start 3', '3 20']);
  });

  it('tells streams apart by SSRC', () => {
    const { log, hex } = listen();
    hex(1000, '018a00a0', 0, 1);
    hex(1000, '018a00a0', 20, 2);
    hex(1000, '018a00a0', 40, 1);
    assert.deepEqual(log, ['start 1', '1 20', 'start 1', '1 20']);
  });

  it('follows a stream whose timestamps jump back', () => {
    const { log, hex } = listen();
    hex(0x9000_0000, '018a00a0', 0);
    hex(0x1000_0000, '028a00a0', 500);
    assert.deepEqual(log, ['start 1', '1 20', 'start 2', '2 20']);
  });

  it('ignores events that are no digits, and takes 16 for a flash', () => {
    const { log, hex } = listen();
    for (let event = 17; event <= 255; event++) {
      hex(event * 1000, Buffer.from([event, 0x8a, 0, 0xa0]).toString('hex'), event);
    }
    assert.deepEqual(log, []);
    hex(1_000_000, '108a00a0', 300);
    assert.deepEqual(log, ['start !', '! 20']);
  });

  it('ignores short payloads, trailing bytes and zero padding', () => {
    const { log, hex } = listen();
    hex(1000, '', 0);
    hex(1000, '018a00', 0);
    assert.deepEqual(log, []);
    hex(1000, '018a00a000', 0);
    hex(5000, '028a00a000000000', 100);
    assert.deepEqual(log, ['start 1', '1 20', 'start 2', '2 20']);
  });

  it('reads several reports in one packet', () => {
    const { log, hex } = listen();
    hex(1000, '018a0320028a0320030a00a0', 0);
    hex(1000 + 2 * 0x320, '038a0320', 100);
    assert.deepEqual(log, ['start 1', '1 100', 'start 2', '2 100', 'start 3', '3 100']);
  });

  it('adds the segments of a long tone up to one digit', () => {
    const { receiver, log, digits } = listen(48_000);
    for (const { atMs, timestamp, payload } of wire('7', 3000, 60, 48_000, 20, 2 ** 32 - 90_000)) {
      receiver.receive(SSRC, timestamp, payload, atMs);
      receiver.poll(atMs + 10);
    }
    assert.deepEqual(log, ['start 7', '7 3000']);
    assert.equal(digits.length, 1);
  });

  it('does not ring twice for a long tone that was given up in its middle', () => {
    const { receiver, log } = listen(48_000);
    for (const { atMs, timestamp, payload } of wire('7', 3000, 60, 48_000, 20)) {
      if (atMs > 1000 && atMs < 1300) receiver.poll(atMs);
      else receiver.receive(SSRC, timestamp, payload, atMs);
    }
    assert.deepEqual(log, ['start 7', '7 1020']);
  });

  it('puts a digit that arrives only after its successor began into its place', () => {
    const { receiver, log, hex } = listen();
    hex(2600, '020a00a0', 0);
    hex(1000, '018a0320', 5);
    hex(1000, '018a0320', 10);
    hex(2600, '028a0320', 80);
    hex(200, '098a0320', 100);
    receiver.flush();
    assert.deepEqual(log, ['start 2', 'start 1', '1 100', '2 100']);
  });

  it('hears every digit exactly once and in order under 10 % loss, duplicates and reordering', () => {
    const random = seededRandom(4733);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
    let heard = 0;
    let exact = 0;
    for (let trial = 0; trial < 500; trial++) {
      const clockRate = pick([8000, 16_000, 48_000]);
      const ptimeMs = pick([10, 20, 30, 40]);
      const toneMs = pick([40, 60, 100, 250]);
      const text = Array.from({ length: 1 + Math.floor(random() * 16) }, () =>
        pick([...'0123456789*#ABCD!']),
      ).join('');
      const sent = wire(
        text,
        toneMs,
        pick([40, 60, 100]),
        clockRate,
        ptimeMs,
        Math.floor(random() * 2 ** 32),
      );

      const arriving: Packet[] = [];
      for (const packet of sent) {
        if (random() >= 0.1) arriving.push({ ...packet, atMs: packet.atMs + 30 * random() });
        if (random() < 0.05) arriving.push({ ...packet, atMs: packet.atMs + 60 * random() });
      }
      arriving.sort((a, b) => a.atMs - b.atMs);
      const starts = [...new Set(sent.map(({ timestamp }) => timestamp))];
      const expected = [...text]
        .filter((_, i) => arriving.some(({ timestamp }) => timestamp === starts[i]))
        .join('');

      const { receiver, log, digits } = listen(clockRate, ptimeMs);
      let now = 0;
      for (const { atMs, timestamp, payload } of arriving) {
        for (; now < atMs; now += 5) receiver.poll(now);
        receiver.receive(SSRC, timestamp, payload, atMs);
      }
      receiver.flush();
      const label = `trial ${trial}: ${ptimeMs} ms packets, ${toneMs} ms tones`;
      assert.equal(digits.map(({ digit }) => digit).join(''), expected, label);
      assert.equal(log.length, 2 * digits.length, label);
      for (const { durationMs } of digits) assert.ok(durationMs <= Math.max(toneMs, ptimeMs), label);
      heard += digits.length;
      exact += digits.filter(({ durationMs }) => durationMs === Math.max(toneMs, ptimeMs)).length;
    }
    assert.ok(heard > 3000);
    assert.ok(exact / heard > 0.98, `${exact} of ${heard} durations are exact`);
  });
});
