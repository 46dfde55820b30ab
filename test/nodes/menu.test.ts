import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DtmfResult, MenuResult, RecordingReport } from '../../lib/calls';
import type { FlowMessage } from '../../nodes/shared/flow-types';
import { Bench, errorOf } from './support/bench';
import { answeredCall, ringingCall } from './support/calls';
import { readWav, writeTone } from './support/wav';

/** Frequencies of the sounds, Hz. */
const HERTZ = { prompt: 440, silence: 700, wrong: 1000, other: 1400 };

const menu = (fields: Record<string, unknown> = {}) => ({
  id: 'menu',
  type: 'sip-menu',
  choices: [
    { match: '1', label: 'Sales' },
    { match: '2', label: '' },
  ],
  ...fields,
  wires: [['one'], ['two'], ['noInput'], ['invalid'], ['ended']],
});
const press = {
  id: 'press',
  type: 'sip-send-dtmf',
  digits: 'keys',
  digitsType: 'msg',
  wires: [['pressed']],
};
const hangup = { id: 'end', type: 'sip-hangup', wires: [['over']] };
const play = {
  id: 'play',
  type: 'sip-play-audio',
  source: 'sound',
  sourceType: 'msg',
  wires: [['completed'], [], [], ['started']],
};
const result = (msg: FlowMessage) => msg.menu as MenuResult;
const reason = (msg: FlowMessage) => result(msg).reason;

/** Which of the sounds a recording has, in their order. */
function soundsIn(file: string): string[] {
  const { rate, channels } = readWav(file);
  const samples = channels[0] ?? new Float64Array();
  const frame = rate / 20;
  const heard: string[] = [];
  for (let at = 0; at + frame <= samples.length; at += frame) {
    const part = samples.subarray(at, at + frame);
    const found = Object.entries(HERTZ).find(([, hertz]) => amplitude(part, hertz, rate) > 0.1);
    if (found && heard.at(-1) !== found[0]) heard.push(found[0]);
  }
  return heard;
}

function amplitude(samples: Float64Array, hertz: number, rate: number): number {
  let [re, im] = [0, 0];
  samples.forEach((sample, n) => {
    re += sample * Math.cos((2 * Math.PI * hertz * n) / rate);
    im += sample * Math.sin((2 * Math.PI * hertz * n) / rate);
  });
  return (2 * Math.hypot(re, im)) / samples.length;
}

describe('sip-menu', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    for (const [name, hertz] of Object.entries(HERTZ))
      writeTone(join(bench.userDir, `${name}.wav`), 0.4, hertz);
    writeTone(join(bench.userDir, 'long.wav'), 20, HERTZ.prompt);
  });
  afterEach(async () => bench.close());

  const record = {
    ...{ id: 'record', type: 'sip-record', file: 'heard.wav', channels: 'received' },
    wires: [['recorded'], [], ['recording']],
  };
  /** Starts the recording of what the caller hears. */
  const listen = async (call: unknown): Promise<void> => {
    bench.send('record', { call });
    await bench.next('recording');
  };
  /** Hangs up, and tells what the caller has heard. */
  const heardBy = async (call: unknown): Promise<string[]> => {
    bench.send('end', { call });
    return soundsIn(((await bench.next('recorded')).recording as RecordingReport).file);
  };

  it('leaves by the output of the choice, and a key ends the prompt', async () => {
    const { caller, callee } = await answeredCall(bench, menu({ prompt: 'long.wav' }), press);
    const began = performance.now();
    bench.send('menu', { call: callee, payload: 'kept' });
    bench.send('press', { call: caller, keys: ',2' });
    const msg = await bench.next('two');
    assert.equal(msg.payload, 'kept');
    assert.deepEqual(result(msg), { choice: '2', label: '', digits: '2', tries: 1, reason: 'matched' });
    assert.ok(performance.now() - began < 5000, 'the prompt takes 20 s');
  });

  it('plays the prompt, its complaint and the prompt again, and after the last try the complaint alone', async () => {
    const fields = {
      ...{ prompt: 'prompt.wav', noInputPrompt: 'silence.wav', invalidPrompt: 'wrong.wav' },
      ...{ firstDigitTimeout: '0.5', tries: '3' },
    };
    const { caller, callee } = await answeredCall(bench, menu(fields), press, record, hangup);
    await listen(caller);
    bench.send('menu', { call: callee });
    assert.deepEqual(result(await bench.next('noInput')), {
      ...{ choice: null, label: null, digits: '', tries: 3, reason: 'no-input' },
    });
    assert.deepEqual(await heardBy(caller), ['prompt', 'silence', 'prompt', 'silence', 'prompt', 'silence']);
  });

  it('asks again after wrong keys, and forgets what came behind them', async () => {
    const fields = { prompt: 'prompt.wav', invalidPrompt: 'wrong.wav', tries: '2' };
    const { caller, callee } = await answeredCall(bench, menu(fields), press, record, hangup);
    await listen(caller);
    bench.send('press', { call: caller, keys: '99' });
    await bench.next('pressed');
    bench.send('menu', { call: callee });
    bench.send('press', { call: caller, keys: ',,,,1' });
    assert.deepEqual(result(await bench.next('one')), {
      ...{ choice: '1', label: 'Sales', digits: '1', tries: 2, reason: 'matched' },
    });
    assert.deepEqual(await heardBy(caller), ['wrong', 'prompt']);
  });

  it('leaves by "invalid" when the last try was wrong', async () => {
    const { caller, callee } = await answeredCall(bench, menu({ tries: '1' }), press);
    bench.send('menu', { call: callee });
    bench.send('press', { call: caller, keys: '7' });
    assert.deepEqual(result(await bench.next('invalid')), {
      ...{ choice: null, label: null, digits: '7', tries: 1, reason: 'invalid' },
    });
  });

  it('waits for a longer choice, and no longer where there is none', async () => {
    const choices = [
      { match: '1', label: 'short' },
      { match: String.raw`1\d{2}`, label: 'extension' },
    ];
    const fields = { choices, interDigitTimeout: '0.5', terminator: '#', tries: '1' };
    const { caller, callee } = await answeredCall(bench, menu(fields), press);
    for (const [keys, output, digits] of [
      ['1', 'one', '1'],
      ['123', 'two', '123'],
      ['1#', 'one', '1'],
      ['12#', 'noInput', '12'],
    ] as const) {
      bench.send('menu', { call: callee });
      bench.send('press', { call: caller, keys });
      const name = output === 'noInput' ? 'invalid' : output;
      assert.equal(result(await bench.next(name)).digits, digits, keys);
      await bench.next('pressed');
    }
  });

  it('takes keys that were pressed ahead through two levels, and plays no prompt', async () => {
    const second = { ...menu({ prompt: 'other.wav' }), id: 'second', wires: [['deep']] };
    const first = { ...menu({ prompt: 'prompt.wav' }), wires: [['second']] };
    const { caller, callee } = await answeredCall(bench, first, second, press, record, hangup);
    await listen(caller);
    bench.send('press', { call: caller, keys: '11' });
    await bench.next('pressed');
    bench.send('menu', { call: callee });
    assert.equal(reason(await bench.next('deep')), 'matched');
    assert.deepEqual(await heardBy(caller), []);
  });

  it('plays a prompt to its end when keys may not interrupt it, and takes them then', async () => {
    const fields = { prompt: 'prompt.wav', bargeIn: false };
    const { caller, callee } = await answeredCall(bench, menu(fields), press, record, hangup);
    await listen(caller);
    bench.send('press', { call: caller, keys: '1' });
    await bench.next('pressed');
    bench.send('menu', { call: callee });
    assert.equal(result(await bench.next('one')).tries, 1);
    assert.deepEqual(await heardBy(caller), ['prompt']);
  });

  it('leaves by "ended" when the call ends during the prompt, between keys, or before', async () => {
    for (const prompt of ['long.wav', '']) {
      const { caller, callee } = await answeredCall(bench, menu({ prompt }), hangup);
      bench.send('menu', { call: callee });
      await bench.statusOf('menu', [/listening$/]);
      bench.send('end', { call: caller });
      assert.equal(reason(await bench.next('ended')), 'ended');
      bench.send('menu', { call: callee });
      assert.equal(result(await bench.next('ended')).tries, 0);
      await bench.unload();
    }
  });

  const WRONG: [name: string, fields: Record<string, unknown>, message: RegExp][] = [
    [
      'overlapping choices',
      { choices: [{ match: '[1-3]', label: 'Sales' }, { match: '3' }] },
      /"\[1-3\]" \(Sales\) and "3" overlap: both take 3/,
    ],
    ['no choices', { choices: [] }, /1 to 50 choices/],
    ['choices that are none', { choices: ['1'] }, /must be a list of choices; it holds "1"/],
    ['a choice without keys', { choices: [{ match: '', label: 'x' }] }, /needs its keys/],
    ['a broken pattern', { choices: [{ match: '[1' }] }, /without its "\]"/],
    ['a choice with the terminator', { choices: [{ match: '1#' }], terminator: '#' }, /ends the input/],
    ['too many tries', { tries: '21' }, /"tries" must be a whole number from 1 to 20/],
    ['a time-out below the floor', { firstDigitTimeout: '0.1' }, /"firstDigitTimeout" must be a number/],
    ['a terminator that is no key', { terminator: 'x' }, /"terminator" may hold the keys/],
  ];
  it('refuses settings that make no sense, with a sentence that names them', async () => {
    const nodes = WRONG.map(([, fields], index) => ({ ...menu(fields), id: `wrong${index}` }));
    const { callee } = await answeredCall(bench, ...nodes);
    for (const [index, [name, , message]] of WRONG.entries()) {
      bench.send(`wrong${index}`, { call: callee });
      const error = errorOf(await bench.next('errors'));
      assert.equal(error.code, 'BAD_CONFIG', name);
      assert.match(error.message, message);
    }
  });

  it('raises the error of a prompt that cannot be played, and leaves the digits to the next node', async () => {
    const broken = { ...menu({ prompt: 'missing.wav' }), id: 'broken' };
    const { caller, callee } = await answeredCall(bench, broken, menu(), press);
    bench.send('broken', { call: callee });
    assert.equal(errorOf(await bench.next('errors')).code, 'FILE_NOT_FOUND');
    bench.send('menu', { call: callee });
    bench.send('press', { call: caller, keys: '1' });
    assert.equal(reason(await bench.next('one')), 'matched');
  });

  it('is alone on a call', async () => {
    const { callee } = await answeredCall(bench, menu());
    bench.send('menu', { call: callee });
    await bench.statusOf('menu', [/listening$/]);
    bench.send('menu', { call: callee });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
  });

  it('stops asking when a deploy closes it', async () => {
    const { callee } = await answeredCall(bench, menu({ prompt: 'long.wav' }));
    bench.send('menu', { call: callee });
    await bench.statusOf('menu', [/listening$/]);
    await bench.deploy('nodes', (node) => (node.id === 'menu' ? { ...node, tries: '2' } : node));
    assert.equal(bench.count('errors'), 0);
  });
});

describe('sip-receive-dtmf with a prompt', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    writeTone(join(bench.userDir, 'prompt.wav'), 0.8);
    writeTone(join(bench.userDir, 'long.wav'), 20);
  });
  afterEach(async () => bench.close());

  const receive = (fields: Record<string, unknown>) => ({
    ...{ id: 'gather', type: 'sip-receive-dtmf', maxDigits: '2', ...fields },
    wires: [['matched'], ['timeout']],
  });

  it('plays while it collects, and a key ends the sound', async () => {
    const { caller, callee } = await answeredCall(bench, receive({ prompt: 'long.wav' }), press);
    const began = performance.now();
    bench.send('gather', { call: callee });
    bench.send('press', { call: caller, keys: ',42' });
    assert.equal(((await bench.next('matched')).dtmf as DtmfResult).digits, '42');
    assert.ok(performance.now() - began < 5000, 'the prompt takes 20 s');
  });

  it('begins the first-digit time-out when the sound has ended', async () => {
    const { callee } = await answeredCall(bench, receive({ prompt: 'prompt.wav', firstDigitTimeout: '0.5' }));
    const began = performance.now();
    bench.send('gather', { call: callee });
    assert.equal(((await bench.next('timeout')).dtmf as DtmfResult).reason, 'timeout');
    const took = performance.now() - began;
    assert.ok(took >= 1290, `${took} ms for a sound of 0.8 s and a time-out of 0.5 s`);
  });
});

describe('what is said in flows', () => {
  let bench: Bench;
  let folder: string;
  let before: string | undefined;
  beforeEach(() => {
    bench = new Bench();
    folder = mkdtempSync(join(tmpdir(), 'sipflow-say-'));
    writeTone(join(folder, 'said.wav'), 0.4, HERTZ.prompt);
    // Keeps what it is to say, and says the same sound each time.
    const code = `const fs = require('fs');
      fs.appendFileSync(process.argv[1], fs.readFileSync(0, 'utf8') + '|' + process.argv[2] + '\\n');
      process.stdout.write(fs.readFileSync(process.argv[3]));`;
    const command = [
      process.execPath,
      '-e',
      code,
      join(folder, 'texts'),
      '{voice}',
      join(folder, 'said.wav'),
    ];
    before = process.env.SIPFLOW_SAY_COMMAND;
    process.env.SIPFLOW_SAY_COMMAND = JSON.stringify(command);
  });
  afterEach(async () => {
    if (before === undefined) delete process.env.SIPFLOW_SAY_COMMAND;
    else process.env.SIPFLOW_SAY_COMMAND = before;
    await bench.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const texts = (): string[] => readFileSync(join(folder, 'texts'), 'utf8').trim().split('\n');

  const say = (source: string, fields: Record<string, unknown> = {}) => ({
    ...play,
    ...{ source, sourceType: 'str', ...fields },
  });

  it('is heard, with what the message has', async () => {
    const record = {
      ...{ id: 'record', type: 'sip-record', file: 'heard.wav', channels: 'received' },
      wires: [['recorded'], [], ['recording']],
    };
    const source = 'say({{language}}):{{ name }}, your code is {{payload.code}}.';
    const { caller, callee } = await answeredCall(bench, say(source), record, hangup);
    bench.send('record', { call: caller });
    await bench.next('recording');
    bench.send('play', { call: callee, language: 'ko', name: '$(id) "Kim"', payload: { code: 42 } });
    const { playback } = await bench.next('completed');
    assert.deepEqual(texts(), ['$(id) "Kim", your code is 42.|ko']);
    const { source: name, reason: why } = playback as { source: string; reason: string };
    assert.deepEqual([name, why], ['say(ko):$(id) "Kim", your code is 42.', 'completed']);
    bench.send('end', { call: caller });
    const file = ((await bench.next('recorded')).recording as RecordingReport).file;
    assert.deepEqual(soundsIn(file), ['prompt']);
  });

  it('takes a text from the message as it is: nothing in it is filled in', async () => {
    const { callee } = await answeredCall(bench, play);
    bench.send('play', { call: callee, sound: 'say:Hello {{secret}}', secret: 'x' });
    await bench.next('completed');
    assert.deepEqual(texts(), ['Hello {{secret}}|']);
  });

  it('is a prompt of a menu, of early media and of a gather', async () => {
    const early = {
      id: 'early',
      type: 'sip-early-media',
      source: 'say:One {{n}}',
      wires: [['done'], ['failed']],
    };
    const ask = menu({
      prompt: 'say:Two {{n}}',
      noInputPrompt: 'say:Three {{n}}',
      tries: '1',
      firstDigitTimeout: '0.5',
    });
    const gather = {
      ...{ id: 'gather', type: 'sip-receive-dtmf', prompt: 'say:Four {{n}}', firstDigitTimeout: '0.5' },
      wires: [[], ['timeout']],
    };
    const answer = { id: 'answer', type: 'sip-answer', wires: [['answered']] };
    const { callee } = await ringingCall(bench, early, answer, ask, gather);
    bench.send('early', { call: callee, n: 1 });
    await bench.next('done');
    bench.send('answer', { call: callee });
    await bench.next('answered');
    bench.send('menu', { call: callee, n: 2 });
    await bench.next('noInput');
    bench.send('gather', { call: callee, n: 3 });
    await bench.next('timeout');
    assert.deepEqual(texts(), ['One 1|', 'Two 2|', 'Three 2|', 'Four 3|']);
  });

  it('is listened for', async () => {
    const sound = join(__dirname, '../../resources/sounds/menu.wav');
    const code = 'process.stdout.write(require("fs").readFileSync(process.argv[1]))';
    process.env.SIPFLOW_SAY_COMMAND = JSON.stringify([process.execPath, '-e', code, sound]);
    const listen = {
      ...{ id: 'listen', type: 'sip-listen', for: 'prompt', reference: 'say:Press {{n}}.' },
      wires: [['heard'], ['unheard'], []],
    };
    const { caller, callee } = await answeredCall(bench, listen, say('say:Press 1.'));
    bench.send('listen', { call: caller, n: 1 });
    await bench.statusOf('listen', [/hearing$/]);
    bench.send('play', { call: callee });
    const { heard } = await bench.next('heard');
    assert.equal((heard as { reference: string }).reference, 'say:Press 1.');
  });

  it('is heard by all in a conference, each text once', async () => {
    const room = { id: 'join', type: 'sip-conference', room: 'sales', wires: [[], [], ['joined']] };
    const record = {
      ...{ id: 'record', type: 'sip-record', file: '{{call}}.wav', channels: 'received' },
      wires: [['recorded'], [], ['recording']],
    };
    const announce = say('say:{{name}} has joined.', { call: 'conference', callType: 'msg' });
    const { caller, callee } = await answeredCall(bench, announce, room, record, hangup);
    bench.send('join', { call: callee });
    const { conference } = await bench.next('joined');
    bench.send('record', { call: caller });
    await bench.next('recording');
    for (let times = 0; times < 2; times++) {
      bench.send('play', { conference, name: 'Kim' });
      const { playback } = await bench.next('completed');
      assert.equal((playback as { source: string }).source, 'say:Kim has joined.');
    }
    assert.equal(texts().length, 1);
    bench.send('end', { call: caller });
    const { file } = (await bench.next('recorded')).recording as RecordingReport;
    assert.ok(soundsIn(file).includes('prompt'));
  });

  it('is an error that says what is wrong', async () => {
    const nodes = [
      'say:{{payload}}',
      'say:{{payload.code}}',
      'say(--help):x',
      'say({{payload}}):x',
      'say:',
    ].map((source, index) => ({ ...say(source), id: `say${index}` }));
    const { callee } = await answeredCall(bench, ...nodes);
    const cases: [payload: unknown, code: string, message: RegExp][] = [
      [{ code: 1 }, 'BAD_CONFIG', /says \{\{payload\}\}, but it is an object/],
      [undefined, 'BAD_CONFIG', /says \{\{payload\.code\}\}, but the message does not have it/],
      ['', 'BAD_AUDIO', /can be no voice/],
      ['../x', 'BAD_AUDIO', /can be no voice/],
      ['', 'BAD_AUDIO', /nothing to say/],
    ];
    for (const [index, [payload, code, message]] of cases.entries()) {
      bench.send(`say${index}`, { call: callee, payload });
      const error = errorOf(await bench.next('errors'));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
    }
    process.env.SIPFLOW_SAY_COMMAND = '["/nowhere/speaks"]';
    bench.send('say0', { call: callee, payload: 'hello' });
    assert.equal(errorOf(await bench.next('errors')).code, 'NO_VOICE');
  });

  it('leaves by "failed" of early media when the program fails', async () => {
    process.env.SIPFLOW_SAY_COMMAND = JSON.stringify([process.execPath, '-e', 'process.exit(1)']);
    const early = { id: 'early', type: 'sip-early-media', source: 'say:One', wires: [['done'], ['failed']] };
    const { callee } = await ringingCall(bench, early);
    bench.send('early', { call: callee });
    const { failure } = await bench.next('failed');
    assert.equal((failure as { code: string }).code, 'SPEECH_FAILED');
  });
});
