import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { convertWavBytes } from '../../lib/audio/convert';
import { wavHeader } from '../../lib/audio/wav-writer';
import { join as joined, mix, noise, silence } from '../support/audio';
import { CommandRun } from '../support/command-run';

const SOUNDS = resolve(__dirname, '../../resources/sounds');
/** Says the same sound whatever the text is; a text with "hang up" ends it with an error. */
const SPEAKER = `
const text = require('node:fs').readFileSync(0, 'utf8');
if (text.includes('hang up')) process.exit(3);
process.stdout.write(require('node:fs').readFileSync(process.argv[2]));
`;

interface Heard {
  isHeard: boolean;
  reference: string;
  score: number;
  startMs: number;
  missingStartMs: number;
  candidates: { reference: string; score: number }[];
}

describe('sipflow hear', function () {
  this.timeout(120_000);
  let folder: string;
  const sound = (name: string, rate = 8000): Int16Array =>
    convertWavBytes(readFileSync(join(SOUNDS, `${name}.wav`)), rate);
  const wav = (name: string, samples: Int16Array, sampleRate = 8000): void => {
    const header = wavHeader({ sampleRate, channels: 1 }, samples.byteLength);
    writeFileSync(join(folder, name), Buffer.concat([header, Buffer.from(samples.buffer)]));
  };
  const hear = async (...args: string[]): Promise<{ code: number | null; out: string; err: string }> => {
    const env = { SIPFLOW_SAY_COMMAND: JSON.stringify([process.execPath, 'speaker.cjs', 'spoken.wav']) };
    const run = new CommandRun(['hear', ...args], { cwd: folder, env });
    const code = await run.code;
    return { code, out: run.out, err: run.err };
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-hear-'));
    mkdirSync(join(folder, 'prompts'));
    mkdirSync(join(folder, 'empty'));
    wav('recording.wav', joined(silence(8000, 1), sound('menu'), silence(8000, 0.8)));
    wav('late.wav', joined(sound('menu').subarray(0.4 * 8000), silence(8000, 0.8)));
    wav('other.wav', joined(silence(8000, 1), sound('announcement'), silence(8000, 0.8)));
    wav('noisy.wav', mix(joined(silence(8000, 1), sound('menu'), silence(8000, 0.8)), noise(60_000, 300)));
    for (const name of ['menu', 'goodbye']) wav(`prompts/${name}.wav`, sound(name));
    wav('menu-44100.wav', sound('menu', 44_100), 44_100);
    wav('spoken.wav', sound('menu'));
    wav('silent.wav', new Int16Array(8000));
    wav('short.wav', noise(0.2 * 8000, 3000));
    wav('long.wav', noise(61 * 8000, 3000));
    writeFileSync(join(folder, 'prompts', 'notes.txt'), 'no sound');
    wav('prompts/beep.wav', noise(0.1 * 8000, 3000));
    writeFileSync(join(folder, 'no.wav'), 'this is no WAV file');
    writeFileSync(join(folder, 'speaker.cjs'), SPEAKER);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('says which of a folder is in a recording, where, and what else there was', async () => {
    const { code, out, err } = await hear('recording.wav', 'prompts');
    assert.equal(code, 0, err);
    assert.match(out, /^heard menu\.wav: score (0\.9\d\d|1\.000), 1\.0\d s to \d\.\d\d s$/m);
    const json = await hear('recording.wav', 'sipflow:goodbye', 'sipflow:menu', '--json');
    assert.equal(json.code, 0, json.err);
    const heard = JSON.parse(json.out) as Heard;
    assert.deepEqual([heard.isHeard, heard.reference], [true, 'sipflow:menu']);
    assert.ok(Math.abs(heard.startMs - 1000) < 20, `${heard.startMs}`);
    assert.equal(heard.candidates[0].reference, 'sipflow:menu');
  });

  it('says what is missing of its beginning', async () => {
    const { code, out, err } = await hear('late.wav', 'prompts/menu.wav');
    assert.equal(code, 0, err);
    assert.match(out, /heard menu\.wav: .* ms of its beginning missing/);
  });

  it('takes references of any rate, and texts that are said', async () => {
    assert.equal((await hear('recording.wav', 'menu-44100.wav')).code, 0);
    const said = await hear('recording.wav', 'say:Press 1/2.');
    assert.equal(said.code, 0, said.err);
    assert.match(said.out, /^heard say:Press 1\/2\.: score/);
    const other = await hear('other.wav', 'say(ko):Press 1.');
    assert.equal(other.code, 1, other.err);
  });

  it('ends with 1 when none is heard, and names the nearest', async () => {
    const { code, out, err } = await hear('other.wav', 'prompts');
    assert.equal(code, 1, err);
    assert.match(out, /^not heard/);
    const strict = await hear('noisy.wav', 'prompts', '--threshold', '0.99', '--json');
    assert.deepEqual([strict.code, (JSON.parse(strict.out) as Heard).isHeard], [1, false]);
  });

  it('ends with 2 and says why when it cannot look', async () => {
    for (const [args, why] of [
      [['missing.wav', 'prompts'], /no file .*missing\.wav/],
      [['recording.wav', 'missing.wav'], /no file .*missing\.wav/],
      [['recording.wav', 'sipflow:missing'], /no file .*missing\.wav/],
      [['no.wav', 'prompts'], /WAV/],
      [['recording.wav', 'no.wav'], /WAV/],
      [['recording.wav', 'silent.wav'], /silent\.wav: The reference is silent/],
      [['recording.wav', 'short.wav'], /short\.wav: The reference has \d+ ms of sound; it needs 300 ms/],
      [['recording.wav', 'long.wav'], /long\.wav: The reference is 61 s long/],
      [['recording.wav', 'empty'], /empty has no sound/],
      [['recording.wav', 'say:'], /nothing to say/],
      [['recording.wav', 'say:Please hang up.'], /3/],
      [['recording.wav', 'prompts', '--threshold', '2'], /--threshold takes a number from 0 to 1, not 2/],
      [['recording.wav'], /REFERENCE/],
    ] as const) {
      const { code, out, err } = await hear(...args);
      assert.equal(code, 2, `${args.join(' ')}: ${out}${err}`);
      assert.match(err, why);
      assert.equal(out, '');
    }
  });
});
