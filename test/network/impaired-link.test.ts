import assert from 'node:assert/strict';
import { converse, DIGITS, type Conversation } from './support/call';
import type { Impairment } from './support/link';
import { missingForJudge, missingForNetworks, requireOrSkip } from './support/requirements';
import { tell, type Line } from './support/results';

interface Network {
  name: string;
  impairment: Impairment;
  /** Seconds of audio. */
  seconds: number;
  /** Interarrival jitter (RFC 3550) that the link makes on average, milliseconds. */
  jitterMs: number;
}

/*
 * Two waits that are uniform in ±j differ by 2j/3 on average, which is what RFC 3550 calls jitter. A packet that is
 * overtaken adds its 45 ms twice.
 */
const NETWORKS: Network[] = [
  { name: 'clean', impairment: {}, seconds: 5, jitterMs: 0 },
  {
    name: 'rough',
    impairment: { delayMs: 50, jitterMs: 10, lossPercent: 5, repeatPercent: 1, reorderPercent: 1 },
    seconds: 20,
    jitterMs: (2 / 3) * 10 + 0.02 * 45,
  },
  {
    name: 'long',
    impairment: { delayMs: 150, jitterMs: 30, lossPercent: 6, lossBurst: 3, repeatPercent: 0.5 },
    seconds: 20,
    jitterMs: (2 / 3) * 30,
  },
];

/** Packets that a loaded machine may take in, or leave lying, while the call ends. */
const LAST_PACKETS = 8;
/** Milliseconds that a loaded machine may add to a way through link and phone. */
const MACHINE_MS = 25;
const SIDES = ['a', 'b'] as const;
const ARROWS = { a: 'b → a', b: 'a → b' };

for (const { name, impairment, seconds, jitterMs } of NETWORKS) {
  describe(`network "${name}"`, () => {
    let call: Conversation;

    before(async function () {
      this.timeout(200_000);
      requireOrSkip(this, missingForNetworks());
      call = await converse(impairment, { seconds, judge: missingForJudge() === undefined });
    });

    const row = (line: Omit<Line, 'network'>): void => tell({ network: name, ...line });

    it('the call is set up', () => {
      const { status, setUpMs } = call.setUp;
      const least = 2 * ((impairment.delayMs ?? 0) - (impairment.jitterMs ?? 0));
      row({
        ...{ figure: 'set-up', set: `≥ ${least} ms`, link: '' },
        ...{ report: `${status} after ${setUpMs.toFixed()} ms`, judge: '' },
      });
      assert.equal(status, 200);
      assert.ok(setUpMs >= least, `${setUpMs} ms are shorter than the way there and back`);
    });

    it('both hear what the other plays', () => {
      for (const side of SIDES) {
        const { correlation, found, pieces } = call[side].heard;
        const { skippedTicks } = call[side === 'a' ? 'b' : 'a'].rtp;
        row({
          ...{ figure: `audio ${ARROWS[side]}`, set: '', link: '', judge: '' },
          report: `${found} of ${pieces} pieces, correlation ${correlation.toFixed(3)}`,
        });
        assert.ok(correlation > 0.9, `the pieces that ${side} heard correlate ${correlation}`);
        // Each deadline that a loaded machine lets the sender miss may break a piece, as may each packet that came too
        // late because of it, and runs of loss.
        const { late = 0 } = call[side].rtp.received.jitterBuffer ?? {};
        const least = (impairment.lossPercent ? 0.85 : 1) * pieces - skippedTicks - late;
        assert.ok(
          found >= Math.max(least, pieces / 2),
          `${side} heard ${found} of ${pieces} pieces: ${skippedTicks} packets were skipped, ${late} late`,
        );
      }
    });

    it('each digit arrives once, in order, by RFC 4733', () => {
      for (const side of SIDES) {
        const { digits, judged } = call[side];
        const pressed = DIGITS[side === 'a' ? 'b' : 'a'];
        const came = digits.map(({ digit }) => digit).join('');
        row({
          ...{ figure: `digits ${ARROWS[side]}`, set: pressed, link: '' },
          ...{ report: came, judge: judged?.digits ?? '' },
        });
        assert.equal(came, pressed);
        assert.ok(digits.every(({ method }) => method === 'rfc4733'));
      }
    });

    it('the reported loss is the loss of the link', () => {
      for (const side of SIDES) {
        const { rtp, link, judged } = call[side];
        const expected = rtp.received.packets + rtp.received.lost;
        const reported = (100 * rtp.received.lost) / expected;
        const set = impairment.lossPercent ?? 0;
        row({
          ...{ figure: `loss ${ARROWS[side]}`, set: `${set} %`, link: ratio(link.lost, link.offered) },
          report: ratio(rtp.received.lost, expected),
          judge: judged ? ratio(judged.lost, judged.packets - judged.repeated + judged.lost) : '',
        });
        near(rtp.received.lost, link.lost, LAST_PACKETS, `packets lost towards ${side}`);
        near(reported, set, spread(set, impairment.lossBurst ?? 1, expected), `percent lost towards ${side}`);
      }
    });

    it('the reported repetitions and overtaken packets are those of the link', () => {
      for (const side of SIDES) {
        const { rtp, link, judged } = call[side];
        const { duplicates, outOfOrder } = rtp.received;
        row({
          figure: `repeated ${ARROWS[side]}`,
          set: `${impairment.repeatPercent ?? 0} %`,
          link: String(link.repeated),
          report: String(duplicates),
          judge: String(judged?.repeated ?? ''),
        });
        row({
          figure: `overtaken ${ARROWS[side]}`,
          set: `${impairment.reorderPercent ?? 0} % and jitter`,
          link: String(link.overtaken),
          report: String(outOfOrder),
          judge: String(judged?.overtaken ?? ''),
        });
        near(duplicates, link.repeated, LAST_PACKETS, `packets repeated towards ${side}`);
        near(outOfOrder, link.overtaken, LAST_PACKETS, `packets overtaken towards ${side}`);
      }
    });

    it('the reported round-trip time is twice the delay', () => {
      for (const side of SIDES) {
        const { rtp } = call[side];
        const { delayMs = 0, jitterMs: most = 0, reorderPercent = 0 } = impairment;
        const really = call.a.link.delayMs + call.b.link.delayMs;
        row({
          figure: `round trip, at ${side}`,
          set: `${2 * delayMs} ms`,
          link: `${really.toFixed(1)} ms`,
          report: rtp.rttMs === undefined ? 'none' : `${rtp.rttMs.toFixed(1)} ms`,
          judge: '',
        });
        assert.ok(rtp.rttMs !== undefined, `${side} knows no round-trip time`);
        // One RTCP packet each way, of which each had a wait of its own, and each may have been overtaken.
        assert.ok(rtp.rttMs >= 2 * (delayMs - most) - 1, `${rtp.rttMs} ms is too short at ${side}`);
        // Where the machine stalled, those who were late say by how much at most.
        const stalls = [
          call.a.rtp.maxLagMs,
          call.b.rtp.maxLagMs,
          ...call.link.directions.map((way) => way.lagMs),
        ];
        const stalledMs = stalls.reduce((sum, ms) => sum + ms, 0);
        const longest = 2 * (delayMs + most + (reorderPercent > 0 ? 45 : 0) + MACHINE_MS) + stalledMs;
        assert.ok(rtp.rttMs <= longest, `${rtp.rttMs} ms is too long at ${side}`);
      }
    });

    it('the reported jitter is that of the link', () => {
      for (const side of SIDES) {
        const { samples, judged, rtp } = call[side];
        const reported = mean(samples.slice(1).map(({ received }) => received.jitterMs));
        row({
          figure: `jitter ${ARROWS[side]}`,
          set: `±${impairment.jitterMs ?? 0} ms = ${jitterMs.toFixed(1)} ms`,
          link: '',
          report: `${reported.toFixed(1)} ms`,
          judge: judged ? `${judged.meanJitterMs.toFixed(1)} ms` : '',
        });
        // A loaded machine adds to it: before the capture, which shows it, and behind it, where the report says how
        // late its worker was; one sixteenth of a delay goes into the jitter, and as much when the delay is over.
        assert.ok(reported > 0.7 * jitterMs, `${reported} ms of jitter towards ${side}`);
        if (!judged) continue;
        const tolerance = 1 + 0.2 * judged.meanJitterMs + rtp.maxLagMs / 8;
        near(reported, judged.meanJitterMs, tolerance, `jitter towards ${side}`);
      }
    });

    it('tshark, as an independent judge of the captured packets, agrees', function () {
      requireOrSkip(this, missingForJudge());
      for (const side of SIDES) {
        const { rtp, digits, judged } = call[side];
        assert.ok(judged, `tshark found no stream towards ${side} with our SSRC`);
        const { packets, lost, duplicates, outOfOrder } = rtp.received;
        const { repeated } = judged;
        row({
          figure: `packets ${ARROWS[side]}`,
          ...{ set: '', link: String(call[side].link.offered), report: String(packets + duplicates) },
          judge: String(judged.packets),
        });
        near(packets + duplicates, judged.packets, LAST_PACKETS, `packets towards ${side}`);
        near(lost, judged.lost, LAST_PACKETS, `sequence numbers missing towards ${side}`);
        // Its stream analysis counts as RFC 3550, A.3 does: a repeated packet makes up for a lost one.
        near(lost - duplicates, judged.lostByAnalysis, LAST_PACKETS, `loss by analysis towards ${side}`);
        near(duplicates, repeated, LAST_PACKETS, `packets repeated towards ${side}`);
        near(outOfOrder, judged.overtaken, LAST_PACKETS, `packets overtaken towards ${side}`);
        assert.equal(digits.map(({ digit }) => digit).join(''), judged.digits);
      }
    });
  });
}

function near(value: number, wanted: number, tolerance: number, what: string): void {
  assert.ok(
    Math.abs(value - wanted) <= tolerance,
    `${what}: ${value.toFixed(2)}, not within ${tolerance.toFixed(2)} of ${wanted.toFixed(2)}`,
  );
}

/** Four standard deviations of the share of runs of `burst` among `count` packets, in percent. */
function spread(sharePercent: number, burst: number, count: number): number {
  const share = sharePercent / 100;
  return 400 * Math.sqrt((share * (1 - share) * burst) / count);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function ratio(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} % (${part} of ${whole})`;
}
