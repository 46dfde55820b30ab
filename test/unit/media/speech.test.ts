import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bytesSource, parseWavHeader, wavDurationMs } from '../../../lib/audio';
import { Speech, type SpeechSettings } from '../../../lib/media';
import { espeakIsMissing } from '../../support/spoken';

/** A program that writes what it was given to `said`, a line for each run, and a WAV of 100 ms for each letter. */
const SPEAKER = `
const { appendFileSync } = require('node:fs');
const text = require('node:fs').readFileSync(0, 'utf8');
appendFileSync(process.argv[2], JSON.stringify({ text, args: process.argv.slice(3) }) + '\\n');
const wav = Buffer.alloc(44 + text.length * 1600);
wav.write('RIFF'); wav.write('WAVEfmt ', 8); wav.writeUInt32LE(16, 16); wav.writeUInt16LE(1, 20); wav.writeUInt16LE(1, 22);
wav.writeUInt32LE(8000, 24); wav.writeUInt32LE(16000, 28); wav.writeUInt16LE(2, 32); wav.writeUInt16LE(16, 34);
wav.write('data', 36); wav.writeUInt32LE(0x7ffff000, 40); wav.writeUInt32LE(0x7ffff024, 4);
process.stdout.write(wav);
`;

describe('saying texts', () => {
  let folder: string;
  let said: string;
  const made: Speech[] = [];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-say-'));
    said = join(folder, 'said');
    writeFileSync(join(folder, 'speaker.cjs'), SPEAKER);
  });
  afterEach(() => {
    for (const speech of made.splice(0)) speech.close();
    rmSync(said, { force: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const speaker = (...args: string[]): string[] => [
    process.execPath,
    join(folder, 'speaker.cjs'),
    said,
    ...args,
  ];
  const speech = (
    settings: SpeechSettings,
    limits = {},
    environment: NodeJS.ProcessEnv = process.env,
  ): Speech => {
    const one = new Speech(settings, environment, limits);
    made.push(one);
    return one;
  };
  /** One that runs this code instead of speaking. */
  const running = (code: string, limits = {}): Speech =>
    speech({ command: [process.execPath, '-e', code] }, limits);
  const runs = (): { text: string; args: string[] }[] =>
    existsSync(said)
      ? readFileSync(said, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { text: string; args: string[] })
      : [];
  const durationOf = (wav: Uint8Array): number => wavDurationMs(parseWavHeader(bytesSource(wav)));

  it('gives the program the text by its input and the voice as an argument, whatever is in them', async () => {
    const one = speech({ command: speaker('--voice', '{voice}') });
    const text = `It's "5" o'clock; $(reboot) \`ls\` & | > ./x %PATH% \\ \n안녕 ${'x'.repeat(100)}`;
    const wav = await one.say(`say(en-us+f3):${text}`);
    assert.deepEqual(runs(), [{ text, args: ['--voice', 'en-us+f3'] }]);
    assert.equal(durationOf(wav), Array.from(text).length * 100);
    assert.equal(wav.readUInt32LE(4), wav.length - 8, 'the size that the file has');
  });

  it('says each text once by each voice, at the same time and later, and again what failed', async () => {
    const one = speech({ command: speaker('{voice}') });
    const [first, second] = await Promise.all([one.say('say:One'), one.say(' say: One ')]);
    assert.equal(first, second);
    assert.equal(await one.say('say:One'), first);
    await one.say('say(ko):One');
    assert.deepEqual(
      runs().map(({ args }) => args),
      [[''], ['ko']],
    );
    assert.equal(one.bytes, 2 * first.length);
  });

  it('keeps the texts that were said last', async () => {
    const one = speech({ command: speaker() }, { maxKeptBytes: 3 * (44 + 3 * 1600) });
    for (const text of ['aaa', 'bbb', 'ccc', 'aaa', 'ddd', 'aaa', 'bbb']) await one.say(`say:${text}`);
    assert.deepEqual(
      runs().map(({ text }) => text),
      ['aaa', 'bbb', 'ccc', 'ddd', 'bbb'],
    );
  });

  it('runs four programs at once', async () => {
    const mark = join(folder, 'marks');
    const code = `const fs = require('fs'); const at = ${JSON.stringify(mark)};
      fs.appendFileSync(at, '+'); setTimeout(() => { fs.appendFileSync(at, '-'); process.exit(1); }, 100);`;
    const one = running(code);
    await Promise.allSettled(Array.from({ length: 10 }, (_, index) => one.say(`say:${index}`)));
    let most = 0;
    let now = 0;
    for (const each of readFileSync(mark, 'utf8')) most = Math.max(most, (now += each === '+' ? 1 : -1));
    assert.ok(most <= 4, `${most} at once`);
    assert.equal(now, 0);
  });

  const refusals: [name: string, source: string, message: RegExp][] = [
    ['nothing', 'say:  ', /nothing to say/],
    ['a text of 100 kB', `say:${'a'.repeat(100_000)}`, /100000 characters; 4000/],
    ['a NUL character', 'say:a\0b', /NUL/],
    ['an option as a voice', 'say(--help):hello', /can be no voice/],
    ['a path as a voice', 'say(../../etc/passwd):hello', /can be no voice/],
    ['a voice without a name', 'say():hello', /can be no voice/],
    ['a voice with a NUL character', 'say(k\0o):hello', /can be no voice/],
    ['an open bracket', 'say(ko:hello', /nothing to say/],
  ];
  for (const [name, source, message] of refusals) {
    it(`refuses ${name} and starts no program`, async () => {
      await assert.rejects(speech({ command: speaker() }).say(source), { code: 'BAD_AUDIO', message });
      assert.deepEqual(runs(), []);
    });
  }

  it('says what to install when nothing speaks', async () => {
    const nowhere = { ...process.env, PATH: folder, SIPFLOW_SAY_COMMAND: '' };
    await assert.rejects(speech({}, {}, nowhere).say('say:hello'), {
      code: 'NO_VOICE',
      message: /Install espeak-ng/,
    });
    const absent = speech({ command: [join(folder, 'absent')] });
    await assert.rejects(absent.say('say:hello'), {
      code: 'NO_VOICE',
      message: /absent", which is to speak/,
    });
    const noProgram = speech({ command: [folder] });
    await assert.rejects(noProgram.say('say:hello'), { code: 'SPEECH_FAILED', message: /cannot be started/ });
  });

  it('ends a program that hangs, and what it has started, also when that holds the pipes', async () => {
    const pids = join(folder, 'pids');
    const code = `const { spawn } = require('child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'inherit' });
      require('fs').writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid);
      setInterval(() => 0, 1000);`;
    const one = running(code, { timeLimitMs: 1500 });
    await assert.rejects(one.say('say:hello'), { code: 'SPEECH_FAILED', message: /more than 1.5 seconds/ });
    for (const pid of readFileSync(pids, 'utf8').split(' ').map(Number)) await untilGone(pid);
  });

  it('ends a program that floods', async () => {
    const one = running('for (;;) require("fs").writeSync(1, Buffer.alloc(65536))');
    await assert.rejects(one.say('say:hello'), { code: 'SPEECH_FAILED', message: /more than 5 MB/ });
  });

  const faults: [name: string, code: string, message: RegExp][] = [
    ['writes no WAV', 'console.log("hello")', /wrote no WAV: The audio is not a WAV file/],
    ['writes nothing', '', /wrote no WAV: The audio is empty/],
    ['dies', 'process.kill(process.pid, "SIGTERM")', /ended with SIGTERM/],
    [
      'ends with an error',
      'console.error("\\u001b[31mno such model\\nat line 3"); process.exit(3)',
      /ended with 3: \[31mno such model\./,
    ],
    ['does not read its input', 'process.stdin.destroy(); process.exit(2)', /ended with 2/],
  ];
  for (const [name, code, message] of faults) {
    it(`tells of a program that ${name}`, async () => {
      await assert.rejects(running(code).say('say:hello'), { code: 'SPEECH_FAILED', message });
    });
  }

  it('ends what it says when it is closed', async () => {
    const one = running('setInterval(() => 0, 1000)');
    const saying = one.say('say:hello');
    one.close();
    await assert.rejects(saying, { code: 'SPEECH_FAILED' });
  });

  it('takes the command of the environment, a JSON list', async () => {
    const command = JSON.stringify(speaker());
    await speech({}, {}, { ...process.env, SIPFLOW_SAY_COMMAND: command }).say('say:hello');
    assert.deepEqual(runs(), [{ text: 'hello', args: [] }]);
    for (const wrong of ['espeak-ng -v ko', '[]', '["a", 1]', '{"a": 1}', '[""]', '["a\\u0000"]']) {
      const one = speech({}, {}, { SIPFLOW_SAY_COMMAND: wrong });
      await assert.rejects(
        one.say('say:hello'),
        { code: 'BAD_CONFIG', message: /must be a JSON list/ },
        wrong,
      );
    }
  });

  it('takes piper when a folder has a voice that fits, by its name or language, else espeak-ng', async function () {
    if (process.platform === 'win32') this.skip();
    const bin = mkdtempSync(join(folder, 'bin-'));
    const voices = mkdtempSync(join(folder, 'voices-'));
    for (const name of ['piper', 'espeak-ng']) {
      const script = `#!/bin/sh\nexec ${speaker(name)
        .map((each) => `"${each}"`)
        .join(' ')} "$@"\n`;
      writeFileSync(join(bin, name), script, { mode: 0o755 });
    }
    for (const model of ['en_US-lessac-medium.onnx', 'de_DE-thorsten-low.onnx'])
      writeFileSync(join(voices, model), '');
    const environment = {
      PATH: [bin, process.env.PATH].join(delimiter),
      SIPFLOW_PIPER_VOICES: voices,
    };
    const one = speech({}, {}, environment);
    const sources = ['say:a\nb', 'say(de):a', 'say(en_US-lessac-medium):a', 'say(ko):a'];
    for (const source of sources) await one.say(source);
    const piper = (model: string): string[] => [
      'piper',
      '--model',
      join(voices, model),
      '--output_file',
      '-',
    ];
    assert.deepEqual(runs(), [
      { text: 'a b\n', args: piper('de_DE-thorsten-low.onnx') },
      { text: 'a\n', args: piper('de_DE-thorsten-low.onnx') },
      { text: 'a\n', args: piper('en_US-lessac-medium.onnx') },
      { text: 'a', args: ['espeak-ng', '-v', 'ko', '-b', '1', '--stdin', '--stdout'] },
    ]);
  });

  it('speaks by espeak-ng where that is installed, and tells of a voice that it does not have', async function () {
    if (espeakIsMissing()) this.skip();
    const one = speech({}, {}, { PATH: process.env.PATH });
    const english = durationOf(await one.say('say(en-us):Your code is one two three.'));
    assert.ok(english > 1000 && english < 5000, `${english} ms`);
    const korean = durationOf(await one.say('say(ko):안녕하세요'));
    assert.ok(korean > 500 && korean < 4000, `${korean} ms`);
    await assert.rejects(one.say('say(nobody):hello'), { code: 'NO_VOICE', message: /does not exist/ });
  });
});

/** Waits until no process has that id, for five seconds at most. */
async function untilGone(pid: number): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(50);
  }
  assert.fail(`process ${pid} still runs`);
}
