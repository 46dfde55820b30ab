import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePcmu, encodePcmu } from '../../lib/audio';
import { WAV_HEADER_BYTES, writeWavHeader } from '../../lib/audio/wav-writer';
import { type CheckSpec, runChecks } from '../../lib/testing';
import { chirp, join as joined, noise } from '../support/audio';
import { REF, worldWith } from './support/known-call';

const RATE = 8000;

describe('checks of a recording', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-checks-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, samples: Int16Array): string {
    const file = join(folder, name);
    const head = Buffer.alloc(WAV_HEADER_BYTES);
    writeWavHeader(head, { sampleRate: RATE, channels: 1 }, samples.length * 2);
    writeFileSync(file, Buffer.concat([head, Buffer.from(samples.buffer, 0, samples.byteLength)]));
    return file;
  }

  async function got(file: string | undefined, subject: string, name?: string): Promise<unknown> {
    const report = { file: file ?? '', durationMs: 1234 };
    const recordings = file === undefined ? [] : [{ file, final: true, report: report as never }];
    const spec: CheckSpec = { subject, operator: 'exists', ...(name === undefined ? {} : { name }) };
    const [check] = await runChecks([spec], {
      calls: worldWith({ recordings }),
      call: REF,
      node: { id: 'n', name: '', type: 'sip-expect' },
      folders: { audioDir: folder },
    });
    return check.got;
  }

  it('know its length and its level', async () => {
    const sine = write('sine.wav', chirp(440, 441, RATE, 1, 16_384));
    assert.equal(await got(sine, 'recordingMs'), 1234);
    assert.equal(await got(sine, 'recordingDbfs'), -9);
    assert.equal(await got(write('silent.wav', new Int16Array(RATE)), 'recordingDbfs'), -120);
  });

  it('find a sound in it wherever it is, after G.711 and under noise, and no other one', async () => {
    const sound = chirp(300, 2500, RATE, 1.5);
    write('sound.wav', sound);
    write('other.wav', chirp(2500, 300, RATE, 1.5));
    const bytes = new Uint8Array(sound.length);
    encodePcmu(sound, bytes);
    const heard = new Int16Array(sound.length);
    decodePcmu(bytes, heard);
    for (const startS of [0, 7.3, 12.9, 20]) {
      const quiet = noise(Math.round(startS * RATE), 30, 3);
      const recording = write(`at-${startS}.wav`, joined(quiet, heard, noise(RATE, 30, 5)));
      const score = Number(await got(recording, 'recordingHas', 'sound.wav'));
      assert.ok(score > 0.95, `${startS} s: ${score}`);
      const other = Number(await got(recording, 'recordingHas', 'other.wav'));
      assert.ok(other < 0.4, `${startS} s: ${other}`);
    }
  });

  it('find a sound of the package', async () => {
    const score = await got(
      join(__dirname, '../../resources/sounds/beep.wav'),
      'recordingHas',
      'sipflow:beep',
    );
    assert.ok(Number(score) > 0.99, String(score));
  });

  it('know nothing without a recording, without the sound, and of what is no WAV', async () => {
    const short = write('short.wav', noise(100, 1000));
    const broken = join(folder, 'broken.wav');
    writeFileSync(broken, 'RIFF....');
    for (const [file, name] of [
      [undefined, 'sound.wav'],
      [join(folder, 'gone.wav'), 'sound.wav'],
      [broken, 'sound.wav'],
      [short, 'no-such.wav'],
      [short, 'sipflow:../../package'],
    ] as const) {
      assert.equal(await got(file, 'recordingHas', name), undefined);
    }
    assert.equal(await got(broken, 'recordingDbfs'), undefined);
    assert.equal(await got(short, 'recordingHas', 'sound.wav'), 0, 'shorter than the sound');
  });
});
