import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import {
  decodePcmu,
  encodePcmu,
  type NamedReference,
  prepareReference,
  PromptDetector,
  type PromptDetection,
} from '../../../lib/audio';
import { convertWavBytes } from '../../../lib/audio/convert';
import { join, mix, noise, silence } from '../../support/audio';

const sound = (name: string): Int16Array =>
  convertWavBytes(readFileSync(path(__dirname, `../../../resources/sounds/${name}.wav`)), 8000);

const NAMES = ['welcome', 'menu', 'prompt', 'announcement', 'goodbye'];
const folder = NAMES.map((name) => ({ name, prepared: prepareReference(sound(name)) }));

interface Hearing {
  heard: PromptDetection[];
  nearest: PromptDetection | undefined;
}

/** What is heard in audio that comes in packets of 20 ms. */
function hear(
  audio: Int16Array,
  names: readonly string[] = NAMES,
  lost?: (packet: number) => boolean,
): Hearing {
  return hearAny(
    audio,
    folder.filter(({ name }) => names.includes(name)),
    lost,
  );
}

function hearAny(
  audio: Int16Array,
  references: readonly NamedReference[],
  lost?: (packet: number) => boolean,
): Hearing {
  const detector = new PromptDetector(references);
  const heard: PromptDetection[] = [];
  const keep = (found: PromptDetection | undefined): void => void (found && heard.push(found));
  for (let packet = 0; (packet + 1) * 160 <= audio.length; packet++) {
    const isLost = lost?.(packet) ?? false;
    detector.push(isLost ? new Int16Array(160) : audio, isLost ? 0 : packet * 160, 160, isLost);
    if (packet % 10 === 9) keep(detector.poll());
  }
  keep(detector.end());
  return { heard, nearest: detector.best() };
}

function throughPcmu(audio: Int16Array): Int16Array {
  const bytes = new Uint8Array(audio.length);
  encodePcmu(audio, bytes);
  const decoded = new Int16Array(audio.length);
  decodePcmu(bytes, decoded);
  return decoded;
}

const between = (value: number, from: number, to: number): boolean => value >= from && value <= to;

describe('prompts that are listened for', () => {
  it('are told from each other, and found to some milliseconds', () => {
    for (const name of NAMES) {
      const audio = throughPcmu(join(silence(8000, 0.7), sound(name), silence(8000, 0.6)));
      const { heard } = hear(audio);
      assert.equal(heard.length, 1, name);
      assert.equal(heard[0].reference, name);
      assert.ok(heard[0].score > 0.95 && heard[0].margin > 0.3, JSON.stringify(heard[0]));
      assert.ok(between(heard[0].startMs, 690, 710), `${name} ${heard[0].startMs}`);
      assert.deepEqual([heard[0].missingStartMs, heard[0].gapsMs], [0, 0]);
    }
  });

  it('are found quietly, under noise and with a fifth of the packets lost', () => {
    const quiet = Int16Array.from(sound('menu'), (sample) => Math.round(sample / 4));
    const audio = mix(join(silence(8000, 0.5), quiet, silence(8000, 0.5)), noise(4 * 8000, 60));
    const { heard } = hear(throughPcmu(audio), NAMES, (packet) => (packet * 7) % 5 === 0);
    assert.equal(heard[0]?.reference, 'menu');
    assert.ok(heard[0].gapsMs > 200, JSON.stringify(heard[0]));
  });

  it('are found beneath another voice, and only they are', () => {
    for (const [index, name] of NAMES.entries()) {
      const other = NAMES[(index + 1) % NAMES.length];
      const voice = sound(other).map((sample) => Math.round(sample * 0.3));
      const length = Math.max(voice.length, sound(name).length) + 4000;
      const spoken = join(silence(8000, 0.4), sound(name), silence(8000, length / 8000));
      const { heard } = hear(throughPcmu(mix(spoken, join(silence(8000, 0.5), voice, voice))), [name]);
      assert.deepEqual(
        heard.map(({ reference }) => reference),
        [name],
        `${name} beneath ${other}`,
      );
    }
  });

  it('may have begun before the audio did, and are told to', () => {
    const { heard } = hear(join(sound('menu').subarray(6400), silence(8000, 0.6)));
    assert.equal(heard[0]?.reference, 'menu');
    assert.ok(between(heard[0].startMs, -820, -780), JSON.stringify(heard[0]));
    assert.ok(heard[0].missingStartMs > 500, JSON.stringify(heard[0]));
  });

  it('may lack their beginning on a line that opens late, but not when something else is said in its place', () => {
    const menu = sound('menu');
    const cut = 0.35 * 8000;
    const late = hear(join(silence(8000, 0.6), menu.subarray(cut), silence(8000, 0.6)));
    assert.equal(late.heard[0]?.reference, 'menu');
    const other = sound('announcement').subarray(0, 0.6 * 8000);
    const { heard } = hear(join(silence(8000, 0.3), other, menu.subarray(cut), silence(8000, 0.6)), ['menu']);
    assert.deepEqual(heard, []);
  });

  it('are heard through a constant offset', () => {
    const offset = join(silence(8000, 0.5), sound('menu'), silence(8000, 0.5)).map(
      (sample) => sample / 4 + 3000,
    );
    const { heard } = hear(offset);
    assert.equal(heard[0]?.reference, 'menu');
    assert.ok(between(heard[0].levelDbfs, -45, -25), JSON.stringify(heard[0]));
  });

  it('are not heard when they are cut, and named as what came nearest', () => {
    const menu = sound('menu');
    const { heard, nearest } = hear(
      join(silence(8000, 0.4), menu.subarray(0, menu.length * 0.6), silence(8000, 2)),
    );
    assert.deepEqual(heard, []);
    assert.equal(nearest?.reference, 'menu');
  });

  it('may have a short hole, but are not heard when much of their middle is silent', () => {
    const menu = sound('menu');
    const withHole = (ms: number): Int16Array => {
      const holed = menu.slice();
      holed.fill(0, holed.length * 0.4, holed.length * 0.4 + ms * 8);
      return join(silence(8000, 0.4), holed, silence(8000, 0.8));
    };
    assert.equal(hear(withHole(100)).heard[0]?.reference, 'menu');
    assert.deepEqual(hear(withHole(1200)).heard, []);
  });

  it('may have pauses that are up to 0.4 s longer or shorter', () => {
    const spoken = (pause: number): Int16Array =>
      join(sound('welcome'), silence(8000, pause), sound('goodbye'), silence(8000, pause), sound('menu'));
    const reference = { name: 'all', prepared: prepareReference(spoken(0.5)) };
    for (const pause of [0.1, 0.9]) {
      const audio = throughPcmu(join(silence(8000, 0.4), spoken(pause), silence(8000, 0.8)));
      const { heard } = hearAny(audio, [reference]);
      assert.equal(heard.length, 1, `pauses of ${pause} s`);
      const { startMs, endMs, gapsMs } = heard[0];
      const length = spoken(pause).length / 8;
      assert.ok(between(startMs, 390, 410) && between(endMs - startMs, length - 20, length + 20), `${endMs}`);
      assert.ok(gapsMs < 50, `${gapsMs}`);
    }
  });

  it('may be held up in a word, but not when something else is said there', () => {
    const held = (name: string, between: Int16Array): Int16Array => {
      const whole = sound(name);
      const [one, two] = [whole.length * 0.3, whole.length * 0.65].map(Math.round);
      const parts = [whole.subarray(0, one), between, whole.subarray(one, two), between, whole.subarray(two)];
      return throughPcmu(join(silence(8000, 0.4), ...parts, silence(8000, 0.8)));
    };
    for (const name of ['welcome', 'menu']) {
      const { heard } = hear(held(name, silence(8000, 0.35)));
      assert.equal(heard[0]?.reference, name, name);
      assert.ok(heard[0].score > 0.9, JSON.stringify(heard[0]));
      const word = sound('prompt').subarray(0.2 * 8000, 0.55 * 8000);
      assert.deepEqual(hear(held(name, word), [name]).heard, [], name);
    }
  });

  it('are not heard in others', () => {
    for (const name of NAMES) {
      const others = NAMES.filter((other) => other !== name);
      const audio = others.map((other) => join(sound(other), silence(8000, 0.4)));
      assert.deepEqual(hear(join(...audio), [name]).heard, [], name);
    }
  });

  it('are refused when they are silent, too short or too long, and not heard in noise', () => {
    for (const [samples, why] of [
      [silence(8000, 1), /silent/],
      [join(silence(8000, 1), noise(1600, 3000), silence(8000, 1)), /has \d+ ms of sound/],
      [new Int16Array(61 * 8000), /61 s long/],
    ] as const) {
      assert.throws(() => prepareReference(samples), { code: 'BAD_AUDIO', field: 'reference', message: why });
    }
    assert.throws(() => new PromptDetector([]), { code: 'BAD_AUDIO' });
    assert.deepEqual(hear(noise(5 * 8000, 2000)).heard, []);
  });

  it('are the same for the same audio, in memory that threads share', () => {
    const [one, two] = [prepareReference(sound('menu')), prepareReference(sound('menu').slice())];
    assert.equal(one.digest, two.digest);
    assert.ok(one.levels.buffer instanceof SharedArrayBuffer);
  });
});
