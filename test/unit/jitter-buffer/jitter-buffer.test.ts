import assert from 'node:assert/strict';
import { JitterBuffer } from '../../../lib/media/jitter-buffer';
import type { JitterBufferOptions } from '../../../lib/media/jitter-buffer';
import { packet, PACKET_MS, play, random, stream } from './support';
import type { Arrival, Heard } from './support';

function fixed(changes: Partial<JitterBufferOptions> = {}): JitterBuffer {
  return new JitterBuffer({ mode: 'fixed', clockRate: 8000, delayMs: 60, ...changes });
}

const what = (heard: { heard: Heard }[]): Heard[] => heard.map((entry) => entry.heard);
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Every packet that was put in is counted in exactly one way. */
function assertAccounted(buffer: JitterBuffer, put: number): void {
  const { inTime, late, duplicates, discarded, other } = buffer.counts;
  assert.equal(inTime + late + duplicates + discarded + other, put);
}

describe('fixed jitter buffer', () => {
  it('plays each packet its delay after it came, one per tick', () => {
    const buffer = fixed();
    const heard = play(
      buffer,
      stream(0, 50, () => 0),
      1200,
    );
    assert.deepEqual(what(heard).slice(0, 50), numbers(0, 50));
    assert.deepEqual(
      heard.slice(0, 50).map((entry) => entry.atMs),
      numbers(0, 50).map((i) => i * PACKET_MS + 60),
    );
    assert.equal(buffer.counts.lost, 0);
    assertAccounted(buffer, 50);
  });

  it('takes up jitter below its delay without a gap', () => {
    const buffer = fixed();
    const next = random(1);
    const arrivals = stream(0, 500, (i) => (i === 0 ? 0 : next() * 55));
    const heard = what(play(buffer, arrivals, 500 * PACKET_MS));
    assert.deepEqual(heard, numbers(0, heard.length));
    assert.ok(heard.length >= 495);
    assert.ok(buffer.counts.reordered > 100, 'packets overtook each other');
    assert.equal(buffer.counts.late, 0);
    assertAccounted(buffer, 500);
  });

  it('conceals a lost packet at its time and says how many were missing', () => {
    const buffer = fixed();
    const arrivals = stream(0, 20, () => 0).filter(
      ({ packet: { sequence } }) => ![1005, 1006, 1012].includes(sequence),
    );
    const heard = what(play(buffer, arrivals, 19 * PACKET_MS + 60));
    const expected: Heard[] = numbers(0, 20).map((i) => ([5, 6, 12].includes(i) ? 'conceal' : i));
    assert.deepEqual(heard, expected);
    assert.equal(buffer.counts.lost, 3);
    assert.equal(buffer.counts.concealed, 3);
    assertAccounted(buffer, 17);
  });

  it('hands the missing ones over with the packet behind them', () => {
    const buffer = fixed({ delayMs: 0 });
    const missing: number[] = [];
    for (const i of [0, 1, 4, 5, 7]) {
      const { bytes, ...header } = packet(i);
      buffer.put(bytes, header, 160, i * PACKET_MS);
      while (buffer.pull(i * PACKET_MS) !== 'none') missing.push(buffer.current.missingBefore);
    }
    assert.equal(missing.at(-1), 1);
    assert.equal(Math.max(...missing), 2);
  });

  it('counts a packet after its time as late, not as lost', () => {
    const buffer = fixed();
    const arrivals = stream(0, 20, (i) => (i === 7 ? 95 : 0));
    const heard = what(play(buffer, arrivals, 19 * PACKET_MS + 60));
    assert.equal(heard[7], 'conceal');
    assert.deepEqual(heard.slice(8), numbers(8, 20));
    assert.equal(buffer.counts.late, 1);
    assert.equal(buffer.counts.lost, 0);
    assert.equal(buffer.counts.reordered, 0);
    assertAccounted(buffer, 20);
  });

  it('drops repeated packets, waiting or played', () => {
    const buffer = fixed();
    const arrivals = stream(0, 20, () => 0).flatMap((arrival): Arrival[] => [
      arrival,
      { ...arrival, atMs: arrival.atMs + 1 },
      { ...arrival, atMs: arrival.atMs + 150 },
    ]);
    assert.deepEqual(what(play(buffer, arrivals, 19 * PACKET_MS + 60)), numbers(0, 20));
    assert.equal(buffer.counts.duplicates, 40 - 5, 'the last repetitions come after the end');
    assert.equal(buffer.counts.late, 0);
  });

  it('begins with a packet that was overtaken by the first one', () => {
    const buffer = fixed();
    const arrivals = stream(0, 10, (i) => (i === 0 ? 25 : 0));
    assert.deepEqual(what(play(buffer, arrivals, 10 * PACKET_MS + 60)).slice(0, 10), numbers(0, 10));
    assert.equal(buffer.counts.reordered, 1);
    assert.equal(buffer.counts.lost, 0);
  });

  it('goes over the wraps of sequence numbers and timestamps', () => {
    const buffer = fixed();
    const arrivals = stream(0, 400, () => 0).map(({ atMs, packet: p }, i) => ({
      atMs,
      packet: { ...p, sequence: (65336 + i) & 0xffff, timestamp: (0xffff8000 + i * 160) >>> 0 },
    }));
    const heard = what(
      play(
        buffer,
        arrivals.filter((_, i) => i !== 200),
        399 * PACKET_MS + 60,
      ),
    );
    const expected: Heard[] = numbers(0, 400).map((i) => (i === 200 ? 'conceal' : i));
    assert.deepEqual(heard, expected);
    assert.equal(buffer.counts.restarts, 0);
  });

  it('begins anew with another SSRC', () => {
    const buffer = fixed();
    const second = stream(10, 30, () => 0).map(({ atMs, packet: p }) => ({
      atMs,
      packet: { ...p, ssrc: 8, sequence: (p.sequence + 30000) & 0xffff, timestamp: p.timestamp ^ 0x80000000 },
    }));
    const heard = what(play(buffer, [...stream(0, 10, () => 0), ...second], 29 * PACKET_MS + 60));
    assert.deepEqual(heard.slice(-20), numbers(10, 30));
    assert.equal(buffer.current.ssrc, 8);
    assert.equal(buffer.counts.restarts, 1);
    assert.equal(buffer.counts.lost, 0);
    assert.equal(buffer.counts.discarded, 3, 'what waited of the old stream');
    assertAccounted(buffer, 30);
  });

  it('begins anew when the sequence numbers jump', () => {
    const buffer = fixed();
    const second = stream(10, 30, () => 0).map(({ atMs, packet: p }) => ({
      atMs,
      packet: { ...p, sequence: (p.sequence + 20000) & 0xffff },
    }));
    const heard = what(play(buffer, [...stream(0, 10, () => 0), ...second], 29 * PACKET_MS + 60));
    assert.deepEqual(heard.slice(-20), numbers(10, 30));
    assert.equal(buffer.counts.lost, 0);
  });

  it('plays on when the timestamps jump ahead or back', () => {
    for (const jump of [8000 * 60, -8000 * 60, 0x7fffffff]) {
      const buffer = fixed();
      const arrivals = stream(0, 100, () => 0).map(({ atMs, packet: p }, i) => ({
        atMs,
        packet: { ...p, timestamp: i < 50 ? p.timestamp : (p.timestamp + jump) >>> 0 },
      }));
      const heard = what(play(buffer, arrivals, 99 * PACKET_MS + 60));
      assert.deepEqual(heard, numbers(0, 100), `jump by ${jump}`);
      assert.equal(buffer.counts.restarts, 1);
      assertAccounted(buffer, 100);
    }
  });

  it('drops the oldest when more come than it can hold', () => {
    const buffer = fixed({ slots: 8, delayMs: 500 });
    for (let i = 0; i < 20; i++) buffer.put(packet(i).bytes, packet(i), 160, 0);
    assert.equal(buffer.depth, 8);
    assert.equal(buffer.counts.discarded, 12);
    assertAccounted(buffer, 20);
    const heard = what(play(buffer, [], 1000));
    assert.deepEqual(
      heard.filter((entry) => typeof entry === 'number'),
      numbers(12, 20),
    );
    assert.equal(buffer.counts.lost, 0, 'what was dropped is not lost');
  });

  it('discards a payload that does not fit, and conceals it', () => {
    const buffer = fixed({ slotBytes: 160 });
    const arrivals = stream(0, 10, () => 0);
    arrivals[4] = { atMs: 80, packet: packet(4, { bytes: Buffer.alloc(512), payloadLength: 500 }) };
    const heard = what(play(buffer, arrivals, 9 * PACKET_MS + 60));
    assert.equal(heard[4], 'conceal');
    assert.equal(heard.length, 10);
    assert.equal(buffer.counts.discarded, 1);
    assert.equal(buffer.counts.lost, 0);
  });

  it('takes any packet time, also when it changes, against any tick', () => {
    for (const tickMs of [10, 20, 30, 60]) {
      const buffer = fixed({ delayMs: 60 });
      const arrivals: Arrival[] = [];
      let sentMs = 0;
      for (let i = 0; i < 90; i++) {
        const ms = i < 30 ? 20 : i < 60 ? 30 : 10;
        arrivals.push({
          atMs: sentMs + ms,
          packet: packet(i, {
            timestamp: sentMs * 8,
            durationUnits: ms * 8,
            payloadLength: ms * 8,
            bytes: Buffer.concat([packet(i).bytes, Buffer.alloc(400)]),
          }),
        });
        sentMs += ms;
      }
      // The last packets wait for the first tick at or after their time.
      const heard = what(play(buffer, arrivals, sentMs + 200, tickMs));
      assert.deepEqual(heard.slice(0, 90), numbers(0, 90), `tick of ${tickMs} ms`);
      assert.equal(buffer.counts.lost, 0);
    }
  });

  it('takes a pause of the sender for silence, not for loss', () => {
    const buffer = fixed();
    // Sequence numbers run on, timestamps leave 200 ms out: silence suppression (RFC 3550, 5.1).
    const arrivals = numbers(0, 40).map((i) => {
      const sentMs = i * PACKET_MS + (i >= 20 ? 200 : 0);
      return { atMs: sentMs, packet: packet(i, { timestamp: sentMs * 8, marker: i === 20 }) };
    });
    const heard = what(play(buffer, arrivals, 1060));
    assert.deepEqual(
      heard.filter((entry) => typeof entry === 'number'),
      numbers(0, 40),
    );
    assert.equal(buffer.counts.lost, 0);
    // Until the packet after the pause comes nobody can know; from then on it is silence.
    assert.ok(heard.filter((entry) => entry === 'silence').length >= 3);
  });

  it('pauses when nothing comes any more and begins again without a burst', () => {
    const buffer = fixed();
    const arrivals = [...stream(0, 20, () => 0), ...stream(500, 520, () => 0)];
    const heard = play(buffer, arrivals, 520 * PACKET_MS + 60);
    const concealed = heard.filter((entry) => entry.heard === 'conceal').length;
    assert.ok(concealed >= 48 && concealed <= 52, `${concealed} concealed, one second`);
    assert.deepEqual(what(heard.filter((entry) => entry.atMs >= 10000)).slice(0, 20), numbers(500, 520));
    assert.equal(buffer.counts.lost, 480);
  });

  it('does not miss numbers that telephone events took', () => {
    const buffer = fixed();
    const arrivals = stream(0, 40, () => 0);
    const heard: Heard[] = [];
    for (let i = 0; i < 40; i++) {
      const { packet: p, atMs } = arrivals[i];
      if (i >= 10 && i < 20)
        buffer.putOther({ ...p, timestamp: arrivals[10].packet.timestamp, payloadType: 101 });
      else buffer.put(p.bytes, p, 160, atMs);
      let outcome = buffer.pull(atMs);
      for (; outcome !== 'none'; outcome = buffer.pull(atMs)) heard.push(outcome === 'packet' ? i : outcome);
    }
    assert.equal(heard.filter((entry) => entry === 'silence').length, 10);
    assert.equal(buffer.counts.concealed, 0);
    assert.equal(buffer.counts.lost, 0);
    assert.equal(buffer.counts.other, 10);
    assertAccounted(buffer, 40);
  });

  it('follows a path that became longer for good', () => {
    const buffer = fixed();
    const arrivals = stream(0, 200, (i) => (i < 100 ? 5 : 305));
    const heard = what(play(buffer, arrivals, 200 * PACKET_MS + 365));
    assert.equal(buffer.counts.late, 9);
    assert.deepEqual(heard.slice(-91), numbers(109, 200));
    assertAccounted(buffer, 200);
  });

  for (const ppm of [-300, 300]) {
    it(`follows a sender whose clock is ${ppm} ppm off for half an hour`, () => {
      const buffer = fixed();
      let deepest = 0;
      let shallowest = 100;
      for (let i = 0; i < 90000; i++) {
        const sentMs = i * PACKET_MS * (1 - ppm / 1e6);
        const { bytes, ...header } = PACKET;
        header.sequence = i & 0xffff;
        header.timestamp = (i * 160) >>> 0;
        buffer.put(bytes, header, 160, sentMs);
        // A puller that runs on its own clock but keeps up with time.
        while (buffer.pull(sentMs) !== 'none');
        if (i > 100) {
          deepest = Math.max(deepest, buffer.depth);
          shallowest = Math.min(shallowest, buffer.depth);
        }
      }
      assert.ok(shallowest >= 2 && deepest <= 5, `${shallowest} to ${deepest} packets`);
      assert.equal(buffer.counts.concealed, 0);
      assert.equal(buffer.counts.late + buffer.counts.lost + buffer.counts.discarded, 0);
    });
  }

  it('drops what waits on reset and goes on counting', () => {
    const buffer = fixed();
    for (let i = 0; i < 3; i++) buffer.put(packet(i).bytes, packet(i), 160, i * 20);
    buffer.reset();
    assert.equal(buffer.depth, 0);
    assert.equal(buffer.pull(1000), 'none');
    buffer.put(packet(3).bytes, packet(3), 160, 1000);
    assert.equal(buffer.pull(1060), 'packet');
    assert.equal(buffer.counts.restarts, 0);
    assertAccounted(buffer, 4);
  });

  it('hands out what waits after nobody pulled for long, and fills nothing afterwards', () => {
    const buffer = fixed();
    play(
      buffer,
      stream(0, 10, () => 0),
      200,
    );
    const outcomes: string[] = [];
    for (let outcome = buffer.pull(60000); outcome !== 'none'; outcome = buffer.pull(60000))
      outcomes.push(outcome);
    assert.deepEqual(outcomes, ['packet', 'packet']);
  });

  it('keeps no payload when told so', () => {
    const buffer = fixed({ slotBytes: 0, delayMs: 0 });
    assert.equal(buffer.put(packet(0).bytes, packet(0), 160, 0), 'queued');
    assert.equal(buffer.pull(0), 'packet');
    assert.equal(buffer.current.length, 0);
    assert.equal(buffer.current.sequence, 1000);
  });
});

const PACKET = packet(0);

describe('jitter buffer that is off', () => {
  const off = (): JitterBuffer => new JitterBuffer({ mode: 'off', clockRate: 8000 });

  it('hands packets on at once, in the order of a tick', () => {
    const buffer = off();
    const arrivals = stream(0, 10, (i) => (i === 3 ? 21 : 0));
    const heard = play(buffer, arrivals, 400, 30);
    assert.deepEqual(what(heard), numbers(0, 10));
    assert.equal(buffer.delayMs, 0);
    assert.ok(heard.every(({ atMs, heard: entry }) => typeof entry === 'number' && atMs - entry * 20 <= 50));
  });

  it('drops repeated and overtaken packets, and counts the missing', () => {
    const buffer = off();
    const arrivals = stream(0, 20, (i) => (i === 5 ? 50 : 0)).filter(
      ({ packet: { sequence } }) => sequence !== 1010,
    );
    arrivals.push({ atMs: 395, packet: packet(19) });
    const heard = what(play(buffer, arrivals, 400));
    assert.deepEqual(
      heard,
      numbers(0, 20).filter((i) => i !== 5 && i !== 10),
    );
    assert.deepEqual(
      { late: buffer.counts.late, lost: buffer.counts.lost, duplicates: buffer.counts.duplicates },
      { late: 1, lost: 1, duplicates: 1 },
    );
    assertAccounted(buffer, 20);
  });
});

describe('adaptive jitter buffer', () => {
  const adaptive = (): JitterBuffer => new JitterBuffer({ mode: 'adaptive', clockRate: 8000 });

  it('falls to its smallest delay on a steady path', () => {
    const buffer = adaptive();
    play(
      buffer,
      stream(0, 500, () => 3),
      10000,
    );
    assert.equal(buffer.delayMs, 20);
    assert.equal(buffer.counts.late + buffer.counts.concealed, 0);
  });

  it('rises with the jitter, and falls again when it ends', () => {
    const buffer = adaptive();
    const next = random(3);
    const arrivals = stream(0, 4000, (i) => (i >= 500 && i < 2000 ? next() * 100 : next() * 4));
    play(buffer, arrivals.slice(0, 2000), 2005 * PACKET_MS);
    const { late } = buffer.counts;
    assert.ok(buffer.delayMs >= 95 && buffer.delayMs <= 110, `${buffer.delayMs} ms`);
    assert.ok(late < 15, `${late} late of 1500`);
    for (const { atMs, packet: p } of arrivals.slice(2005)) {
      buffer.put(p.bytes, p, 160, atMs);
      while (buffer.pull(atMs) !== 'none');
    }
    assert.ok(buffer.delayMs <= 30, `${buffer.delayMs} ms`);
    assert.equal(buffer.counts.late, late);
    assertAccounted(buffer, 3995);
  });

  it('stays within its limits', () => {
    const buffer = new JitterBuffer({
      mode: 'adaptive',
      clockRate: 8000,
      minDelayMs: 40,
      maxDelayMs: 80,
      delayMs: 20,
    });
    assert.equal(buffer.delayMs, 40);
    const next = random(5);
    play(
      buffer,
      stream(0, 1000, () => next() * 400),
      20000,
    );
    assert.equal(buffer.delayMs, 80);
  });
});

describe('jitter buffer and bad input', () => {
  for (const mode of ['off', 'fixed', 'adaptive'] as const) {
    it(`${mode}: any packets at any time are accounted for, and a pull ends`, () => {
      for (let seed = 1; seed <= 20; seed++) {
        const next = random(seed);
        const buffer = new JitterBuffer({ mode, clockRate: 8000, slots: 16, slotBytes: 64 });
        let now = 0;
        let put = 0;
        let base = 60000;
        for (let i = 0; i < 3000; i++) {
          now += next() * 40;
          if (next() < 0.01) base = Math.floor(next() * 65536);
          base += Math.floor(next() * 3);
          const wild = next() < 0.05;
          const header = {
            ssrc: next() < 0.002 ? i : 7,
            sequence: (wild ? Math.floor(next() * 65536) : base + Math.floor(next() * 8) - 4) & 0xffff,
            timestamp: (wild ? Math.floor(next() * 0x100000000) : base * 160) >>> 0,
            marker: next() < 0.1,
            payloadType: 0,
            payloadOffset: 12,
            payloadLength: Math.floor(next() * 80),
          };
          if (next() < 0.05) buffer.putOther(header);
          else buffer.put(PACKET.bytes, header, 1 + Math.floor(next() * 480), now);
          put++;
          assertAccounted(buffer, put);
          let pulls = 0;
          while (next() < 0.9 && buffer.pull(now) !== 'none') pulls++;
          assert.ok(pulls < 100);
          if (next() < 0.002) buffer.reset();
        }
        for (let pulls = 0; buffer.pull(now + 100000) !== 'none'; pulls++) assert.ok(pulls < 5000);
        const { counts } = buffer;
        for (const [name, count] of Object.entries(counts)) assert.ok(count >= 0, `${name} ${count}`);
      }
    });
  }

  it('names an option that makes no sense', () => {
    const code = 'BAD_CONFIG';
    const make = (changes: Partial<JitterBufferOptions>) => (): JitterBuffer => fixed(changes);
    assert.throws(make({ clockRate: 0 }), { code, message: /clock rate/ });
    assert.throws(make({ delayMs: -1 }), { code, message: /delay/ });
    assert.throws(make({ delayMs: NaN }), { code });
    assert.throws(make({ minDelayMs: 100, maxDelayMs: 50 }), { code });
    assert.throws(make({ slots: 60 }), { code, message: /power of two/ });
    assert.throws(make({ slotBytes: 1.5 }), { code });
  });
});
