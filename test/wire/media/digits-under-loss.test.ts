import assert from 'node:assert/strict';
import { type MediaEngine } from '../../../lib/media';
import { RoughPath } from './support/rough-path';
import { packetTimes, RANGE, runningEngine, towards } from './support/sessions';

const DIGITS = '1234567890*#ABCD5500*#11777';

describe('media: digits by RFC 4733 over a bad network', function () {
  this.timeout(30_000);
  let engine: MediaEngine;
  before(async () => {
    engine = await runningEngine({ workers: 1 });
  });
  after(() => engine.close());

  for (const seed of [1, 2]) {
    it(`are exact under 10 % loss, duplication and reordering (seed ${seed})`, async () => {
      const [portA, portB] = [await engine.reserve(RANGE), await engine.reserve(RANGE)];
      const roughness = { loss: 0.1, duplication: 0.1, reordering: 0.1 };
      const path = await RoughPath.open(roughness, seed, portA.rtpPort, portB.rtpPort);
      const a = portA.open(towards(path.port));
      const b = portB.open(towards(path.port, { detectInband: false }));
      const digits: string[] = [];
      b.on('digit', ({ digit, durationMs }) => {
        digits.push(digit);
        assert.ok(durationMs > 0 && durationMs <= 140, `${durationMs} ms`);
      });
      await a.sendDigits({ digits: DIGITS, method: 'rfc4733', toneMs: 100, gapMs: 60 });
      // Whatever lost all its end packets is complete after three packet times without any.
      await packetTimes(a, 15);
      await a.close();
      const { received } = await b.close();
      await path.close();
      assert.ok(path.lost > 5 && path.repeated > 5 && path.overtaken > 5, 'the path was bad enough');
      assert.equal(digits.join(''), DIGITS);
      assert.ok(received.lost > 0 && received.duplicates > 0 && received.outOfOrder > 0);
    });
  }
});
