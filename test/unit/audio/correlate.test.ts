import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { convertWavBytes } from '../../../lib/audio/convert';
import { findReference } from '../../../lib/audio/correlate';
import { decodePcmu, encodePcmu } from '../../../lib/audio/g711';
import { chirp, correlationAt, join, mix, noise, silence } from '../../support/audio';

const SECOND = chirp(300, 3000, 8000, 1);

describe('correlation', () => {
  it('finds a reference to the sample, at any level', () => {
    for (const lag of [0, 1, 12_345, 72_000]) {
      const recording = join(
        noise(lag, 200, 1),
        SECOND.map((sample) => sample / 4),
        noise(72_000 - lag, 200, 2),
      );
      const match = findReference(recording, SECOND);
      assert.equal(match.lag, lag);
      assert.ok(match.correlation > 0.999, `${match.correlation}`);
    }
  });

  it('agrees with the sums written out at every lag', () => {
    const recording = mix(noise(300, 1000, 3), join(silence(8000, 0.01), noise(50, 2000, 4)));
    const reference = noise(50, 2000, 4);
    const match = findReference(recording, reference);
    const direct = Array.from({ length: 251 }, (_, lag) => correlationAt(recording, reference, lag));
    assert.equal(match.lag, direct.indexOf(Math.max(...direct)));
    assert.ok(Math.abs(match.correlation - Math.max(...direct)) < 1e-9);
  });

  it('is fast: a second within ten', function () {
    this.timeout(20_000);
    const recording = noise(80_000, 1000, 5);
    const began = process.cpuUsage();
    for (let i = 0; i < 3; i++) findReference(recording, SECOND);
    const { user } = process.cpuUsage(began);
    assert.ok(user / 3 < 1_000_000, `${user / 3} µs of processor time`);
  });

  it('finds the shipped greeting after G.711 and in noise, and does not find it in another voice', () => {
    const sound = (name: string) =>
      convertWavBytes(readFileSync(path(__dirname, '../../../resources/sounds', `${name}.wav`)), 8000);
    const welcome = sound('welcome');
    const recording = mix(join(silence(8000, 1.5), welcome, silence(8000, 2)), noise(40_000, 300, 6));
    const coded = new Uint8Array(recording.length);
    encodePcmu(recording, coded);
    decodePcmu(coded, recording);
    const match = findReference(recording, welcome);
    assert.equal(match.lag, 12_000);
    assert.ok(match.correlation > 0.95, `${match.correlation}`);
    assert.ok(findReference(recording, sound('announcement')).correlation < 0.5);
  });

  it('finds a part at the edges only when asked to', () => {
    const late = join(noise(4000, 100, 7), SECOND.subarray(0, 5000));
    assert.equal(findReference(late, SECOND, { minOverlap: 4000 }).lag, 4000);
    assert.notEqual(findReference(late, SECOND).lag, 4000);
    const early = join(SECOND.subarray(3000), noise(4000, 100, 8));
    const match = findReference(early, SECOND, { minOverlap: 4000 });
    assert.equal(match.lag, -3000);
    assert.ok(match.correlation > 0.99);
  });

  it('counts an inverted signal as unlike', () => {
    const match = findReference(
      SECOND.map((sample) => -sample),
      SECOND,
    );
    assert.equal(match.lag, 0);
    assert.ok(Math.abs(match.correlation + 1) < 1e-9);
  });

  it('says 0 for silence and for a recording that is too short', () => {
    const nothing = { lag: 0, correlation: 0 };
    assert.deepEqual(findReference(silence(8000, 2), SECOND), nothing);
    assert.deepEqual(findReference(SECOND, silence(8000, 1)), nothing);
    assert.deepEqual(findReference(new Int16Array(10), SECOND), nothing);
    assert.deepEqual(findReference(SECOND, new Int16Array(0)), nothing);
    assert.deepEqual(findReference(new Int16Array(0), new Int16Array(0)), nothing);
  });
});
