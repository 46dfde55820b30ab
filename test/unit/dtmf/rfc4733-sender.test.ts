import assert from 'node:assert/strict';
import { Rfc4733Sender } from '../../../lib/dtmf/rfc4733-sender';
import { readTelephoneEvent } from '../../../lib/dtmf/rfc4733';

const FIRST_TIMESTAMP = 1000;

interface Sent {
  tick: number;
  timestamp: number;
  marker: boolean;
  last: boolean;
  hex: string;
}

/** Runs the sender until it is idle and returns one entry for each packet. */
function run(sender: Rfc4733Sender, unitsPerTick: number, from = FIRST_TIMESTAMP, maxTicks = 2000): Sent[] {
  const sent: Sent[] = [];
  const payload = Buffer.alloc(4);
  for (let tick = 0; sender.active && tick < maxTicks; tick++) {
    const bytes = sender.tick((from + tick * unitsPerTick) >>> 0, payload);
    if (bytes === 0) continue;
    assert.equal(bytes, 4);
    const { marker, last } = sender;
    sent.push({ tick, timestamp: sender.timestamp >>> 0, marker, last, hex: payload.toString('hex') });
  }
  assert.equal(sender.active, false);
  return sent;
}

const line = ({ tick, timestamp, marker, last, hex }: Sent): string =>
  `${tick} ${timestamp} ${marker ? 'M' : '-'} ${hex}${last ? ' last' : ''}`;

function send(digits: string, toneMs: number, gapMs: number, clockRate = 8000, ptimeMs = 20): Sent[] {
  const sender = new Rfc4733Sender({ clockRate, ptimeMs });
  sender.start(digits, toneMs, gapMs);
  return run(sender, (ptimeMs * clockRate) / 1000);
}

describe('RFC 4733 sender', () => {
  it('sends a digit as the RFC draws it: constant timestamp, growing duration, marker first, end three times', () => {
    assert.deepEqual(send('5', 100, 60).map(line), [
      '0 1000 M 050a00a0',
      '1 1000 - 050a0140',
      '2 1000 - 050a01e0',
      '3 1000 - 050a0280',
      '4 1000 - 058a0320',
      '5 1000 - 058a0320',
      '6 1000 - 058a0320 last',
    ]);
  });

  it('beside audio of another clock: timestamps count that of the audio, durations that of the events', () => {
    const sender = new Rfc4733Sender({ clockRate: 48_000, eventClockRate: 8000, ptimeMs: 20 });
    sender.start('5', 60, 60);
    assert.deepEqual(run(sender, 960).map(line), [
      '0 1000 M 050a00a0',
      '1 1000 - 050a0140',
      '2 1000 - 058a01e0',
      '3 1000 - 058a01e0',
      '4 1000 - 058a01e0 last',
    ]);
    sender.start('1', 9000, 60);
    const long = run(sender, 960);
    assert.deepEqual([...new Set(long.map(({ timestamp }) => timestamp))], [1000, 1000 + 6 * 65_535]);
    assert.equal(long.at(-1)?.hex, '018a1941', '72,000 units less one segment');
  });

  it('begins the next digit with a timestamp of its own after the pause', () => {
    const packets = send('*D', 60, 100);
    assert.deepEqual(packets.map(line), [
      '0 1000 M 0a0a00a0',
      '1 1000 - 0a0a0140',
      '2 1000 - 0a8a01e0',
      '3 1000 - 0a8a01e0',
      '4 1000 - 0a8a01e0',
      '8 2280 M 0f0a00a0',
      '9 2280 - 0f0a0140',
      '10 2280 - 0f8a01e0',
      '11 2280 - 0f8a01e0',
      '12 2280 - 0f8a01e0 last',
    ]);
  });

  it('keeps at least 40 ms between digits, and leaves room for the final reports', () => {
    for (const ptimeMs of [10, 20, 30, 40, 60]) {
      const units = ptimeMs * 8;
      const [, , , ...rest] = send('11', ptimeMs, 0, 8000, ptimeMs);
      const pauseUnits = rest[0].timestamp - (FIRST_TIMESTAMP + units);
      assert.ok(pauseUnits >= 320, `${pauseUnits} units at ${ptimeMs} ms`);
      assert.ok(pauseUnits <= Math.max(320 + units - 1, 2 * units), `${pauseUnits} units at ${ptimeMs} ms`);
      assert.equal(rest.length, 3);
    }
  });

  it('counts tones that are no multiple of the packet time exactly', () => {
    const packets = send('0', 100, 60, 8000, 30);
    assert.deepEqual(
      packets.map(({ hex }) => hex),
      ['000a00f0', '000a01e0', '000a02d0', '008a0320', '008a0320', '008a0320'],
    );
    assert.deepEqual(
      send('0', 5, 60).map(({ hex, marker }) => hex + (marker ? ' M' : '')),
      ['008a00a0 M', '008a00a0', '008a00a0'],
    );
  });

  it('uses the clock of the audio codec', () => {
    const packets = send('1', 40, 40, 48_000);
    assert.deepEqual(
      packets.map(({ hex }) => hex),
      ['010a03c0', '018a0780', '018a0780', '018a0780'],
    );
  });

  it('continues tones beyond 65,535 units in segments without marker, ending only the last one', () => {
    const packets = send('7', 3000, 60, 48_000);
    const segments = new Map<number, Sent[]>();
    for (const packet of packets) {
      const segment = segments.get(packet.timestamp) ?? [];
      segments.set(packet.timestamp, [...segment, packet]);
    }
    assert.deepEqual(
      [...segments.keys()],
      [FIRST_TIMESTAMP, FIRST_TIMESTAMP + 0xffff, FIRST_TIMESTAMP + 2 * 0xffff],
    );
    assert.deepEqual(
      packets.filter(({ marker }) => marker).map(({ tick }) => tick),
      [0],
    );
    const tails = [...segments.values()].map((segment) => segment.slice(-3).map(({ hex }) => hex));
    const remaining = (144_000 - 2 * 0xffff).toString(16).padStart(4, '0');
    assert.deepEqual(tails, [
      Array(3).fill('070affff'),
      Array(3).fill('070affff'),
      Array(3).fill(`078a${remaining}`),
    ]);
    assert.equal(packets.filter(({ hex }) => hex.startsWith('078a')).length, 3);
    // One packet in every packet time: nothing stalls at the seams.
    packets.forEach((packet, i) => assert.equal(packet.tick, i));
  });

  it('does not open a segment for a tone of exactly 65,535 units', () => {
    const packets = send('7', 65_535 / 8, 60);
    assert.ok(packets.every(({ timestamp }) => timestamp === FIRST_TIMESTAMP));
    assert.deepEqual(
      packets.slice(-3).map(({ hex }) => hex),
      Array(3).fill('078affff'),
    );
  });

  it('pauses 500 ms for each comma, in front, between and behind', () => {
    const sender = new Rfc4733Sender({ clockRate: 8000, ptimeMs: 20 });
    sender.start(',1,,2,', 40, 40);
    const packets = run(sender, 160);
    assert.deepEqual(
      packets.filter(({ marker }) => marker).map(({ tick }) => tick),
      [25, 25 + 2 + 2 + 50],
    );
    assert.deepEqual(
      packets.filter(({ last }) => last).map(({ tick }) => tick),
      [25 + 2 + 2 + 50 + 3],
    );
  });

  it('keeps the pause between separate requests, and refuses a second one while busy', () => {
    const sender = new Rfc4733Sender({ clockRate: 8000, ptimeMs: 20 });
    const payload = new Uint8Array(4);
    sender.start('1', 20, 100);
    assert.throws(() => sender.start('2', 20, 100), { code: 'CALL_STATE' });
    for (let tick = 0; tick < 3; tick++) sender.tick(tick * 160, payload);
    assert.equal(sender.active, false);
    sender.start('2', 20, 100);
    const started: number[] = [];
    for (let tick = 3; started.length === 0; tick++) if (sender.tick(tick * 160, payload)) started.push(tick);
    assert.deepEqual(started, [6]);
  });

  it('is not held up by a pause that is half a timestamp cycle old', () => {
    const sender = new Rfc4733Sender({ clockRate: 8000, ptimeMs: 20 });
    const payload = new Uint8Array(4);
    sender.start('1', 20, 60);
    run(sender, 160);
    for (const age of [2 ** 31 - 800, 2 ** 31 + 800, 2 ** 32 - 160_000]) {
      sender.start('2', 20, 60);
      assert.equal(sender.tick((FIRST_TIMESTAMP + age) >>> 0, payload), 4, `after ${age} units`);
      run(sender, 160, (FIRST_TIMESTAMP + age + 160) >>> 0);
    }
  });

  it('crosses the wrap of the RTP timestamp', () => {
    const sender = new Rfc4733Sender({ clockRate: 8000, ptimeMs: 20 });
    sender.start('12', 60, 60);
    const packets = run(sender, 160, 2 ** 32 - 160);
    assert.deepEqual(
      packets.map(({ hex }) => hex),
      [
        '010a00a0',
        '010a0140',
        '018a01e0',
        '018a01e0',
        '018a01e0',
        '020a00a0',
        '020a0140',
        '028a01e0',
        '028a01e0',
        '028a01e0',
      ],
    );
    assert.equal(packets[0].timestamp, 2 ** 32 - 160);
    assert.equal(packets[5].timestamp, 800);
  });

  it('lets the duration follow the timestamp when the worker skipped packet times', () => {
    const sender = new Rfc4733Sender({ clockRate: 8000, ptimeMs: 20 });
    const payload = Buffer.alloc(4);
    sender.start('3', 100, 60);
    const ticks = [0, 3, 9, 10, 11];
    const hex = ticks.map((tick) => (sender.tick(tick * 160, payload), payload.toString('hex')));
    assert.deepEqual(hex, ['030a00a0', '030a0280', '038a0320', '038a0320', '038a0320']);
    assert.equal(sender.active, false);
  });

  it('ends a tone properly when stopped', () => {
    const sender = new Rfc4733Sender({ clockRate: 8000, ptimeMs: 20 });
    const payload = Buffer.alloc(4);
    sender.start('45', 1000, 60);
    sender.tick(0, payload);
    sender.tick(160, payload);
    sender.stop();
    const packets = run(sender, 160, 320);
    assert.deepEqual(packets.map(line), ['0 0 - 048a0140', '1 0 - 048a0140', '2 0 - 048a0140 last']);
  });

  it('ends a tone properly when stopped within the final reports of a segment, and a pause at once', () => {
    const sender = new Rfc4733Sender({ clockRate: 48_000, ptimeMs: 60 });
    const payload = Buffer.alloc(4);
    sender.start('4', 5000, 60);
    let tick = 0;
    while (payload.readUInt16BE(2) !== 0xffff) sender.tick(tick++ * 2880, payload);
    sender.stop();
    assert.deepEqual(
      run(sender, 2880, tick * 2880).map(({ hex }) => hex),
      Array(3).fill('048affff'),
    );

    sender.start(',,1', 40, 40);
    sender.tick(2 ** 20, payload);
    sender.stop();
    assert.equal(sender.active, false);
  });

  it('rejects what is no digit', () => {
    const sender = new Rfc4733Sender({ clockRate: 8000, ptimeMs: 20 });
    assert.throws(() => sender.start('1x', 100, 60), { code: 'BAD_DIGITS' });
    assert.throws(() => sender.start('1'.repeat(1001), 100, 60), { code: 'BAD_DIGITS' });
    assert.equal(sender.active, false);
  });

  it('writes payloads that read back, and reads no short ones', () => {
    assert.deepEqual(readTelephoneEvent(Buffer.from('0b8a0320', 'hex')), {
      event: 11,
      end: true,
      volume: 10,
      duration: 800,
    });
    assert.equal(readTelephoneEvent(Buffer.from('0b8a03', 'hex')), undefined);
    assert.equal(readTelephoneEvent(Buffer.from('0b8a0320', 'hex'), 1), undefined);
  });
});
