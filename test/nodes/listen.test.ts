import assert from 'node:assert/strict';
import type { Heard } from '../../lib/calls';
import type { FlowMessage } from '../../nodes/shared/flow-types';
import { Bench, errorOf, type FlowNode } from './support/bench';
import { answeredCall } from './support/calls';

const heardOf = (msg: FlowMessage): Heard => msg.heard as Heard;

const listen = (id: string, fields: Record<string, unknown>): FlowNode => ({
  ...{ id, type: 'sip-listen', ...fields },
  wires: [[`${id} heard`], [`${id} not`], [`${id} ended`]],
});
const play = { id: 'play', type: 'sip-play-audio', source: 'sound', sourceType: 'msg', wires: [['played']] };
const end = { id: 'end', type: 'sip-hangup', wires: [['over']] };

describe('sip-listen', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.close());

  it('hears which prompt of a folder is played, looks back to the start, and captures it', async () => {
    const folder = listen('folder', { reference: 'sipflow:*', since: 'start', capture: true, timeout: '5' });
    const { caller, callee } = await answeredCall(bench, folder, play, end);
    bench.send('play', { call: callee, sound: 'sipflow:announcement' });
    await bench.next('played');
    bench.send('folder', { call: caller, heard: { reference: 'of an earlier node' } });
    const msg = await bench.next('folder heard');
    const { what, reference, score, startMs, endMs } = heardOf(msg);
    assert.deepEqual([what, reference], ['prompt', 'announcement']);
    assert.ok(score > 0.8 && endMs - startMs > 500, JSON.stringify(msg.heard));
    assert.equal((msg.payload as Buffer).subarray(0, 4).toString(), 'RIFF');
    await bench.statusOf('folder', [/^announcement/]);
  });

  it('says what there was instead by the second output, and nothing of an earlier node', async () => {
    const menu = listen('menu', { reference: 'sipflow:goodbye', timeout: '1.5' });
    const { caller, callee } = await answeredCall(bench, menu, play, end);
    bench.send('menu', { call: caller, heard: { reference: 'sipflow:goodbye' } });
    bench.send('play', { call: callee, sound: 'tone:440' });
    const heard = heardOf(await bench.next('menu not'));
    assert.deepEqual([heard.what, heard.reference], ['tone', undefined]);
    assert.ok(heard.endMs - heard.startMs > 800, JSON.stringify(heard));
    await bench.statusOf('menu', [/^tone/]);
  });

  it('leaves by the third output when the call ends meanwhile, or has ended', async () => {
    const { caller, callee } = await answeredCall(
      bench,
      listen('quiet', { for: 'silence', silence: '60' }),
      end,
    );
    bench.send('quiet', { call: caller });
    bench.send('end', { call: callee });
    assert.equal(heardOf(await bench.next('quiet ended')).what, 'silence');
    await bench.next('over');
    bench.send('quiet', { call: caller, heard: { what: 'stale' } });
    assert.equal('heard' in (await bench.next('quiet ended')), false);
  });

  it('refuses what it cannot listen for, and what its fields cannot hold', async () => {
    const nodes = [
      listen('none', { reference: '' }),
      listen('missing', { reference: 'missing.wav' }),
      listen('wrong', { reference: 'sipflow:menu', threshold: '2' }),
      listen('never', { for: 'speech', timeout: '0' }),
      listen('what', { for: 'music' }),
    ];
    const { caller } = await answeredCall(bench, ...nodes);
    for (const [id, code, words] of [
      ['none', 'BAD_AUDIO', /nothing to listen for/],
      ['missing', 'FILE_NOT_FOUND', /missing\.wav/],
      ['wrong', 'BAD_CONFIG', /"threshold"/],
      ['never', 'BAD_CONFIG', /"timeout"/],
      ['what', 'BAD_CONFIG', /"for"/],
    ] as const) {
      bench.send(id, { call: caller });
      const error = errorOf(await bench.next('errors'));
      assert.equal(error.code, code);
      assert.match(error.message, words);
    }
  });

  it('ends silently with a deploy, and what it kept with it', async () => {
    const { caller } = await answeredCall(
      bench,
      listen('long', { for: 'speech', since: 'start', timeout: '60' }),
    );
    bench.send('long', { call: caller });
    await bench.deploy('full', (node) =>
      node.id === 'long' ? { ...node, for: 'silence', silence: '0.2' } : node,
    );
    await bench.statusOf('long', ['']);
  });

  it('gives sip-expect its subjects', async () => {
    const check = (subject: string, operator: string, value: string, valueType = 'num'): object => ({
      ...{ subject, operator, value, valueType, severity: 'error' },
    });
    const expect = {
      ...{ id: 'check', type: 'sip-expect', wires: [['checked'], ['checked']] },
      checks: [
        check('heard', 'is', 'sipflow:goodbye', 'str'),
        // A busy machine begins to play late: what the figures must be is tested where the audio is made.
        check('latencyMs', 'between', '[0, 20000]', 'json'),
        check('greetingMs', 'gte', '0'),
        check('talkOverMs', 'lt', '50'),
        check('deadAirMs', 'lt', '20000'),
        check('bargeInMs', 'absent', '0'),
      ],
    };
    const goodbye = { ...listen('bye', { reference: 'sipflow:goodbye', since: 'sent' }) };
    goodbye.wires = [['check'], ['check'], []];
    const { caller, callee } = await answeredCall(bench, goodbye, expect, play);
    bench.send('play', { call: caller, sound: 'sipflow:beep' });
    await bench.next('played');
    bench.send('bye', { call: caller });
    bench.send('play', { call: callee, sound: 'sipflow:goodbye' });
    const good = await bench.next('checked');
    assert.equal(good.failure, undefined, JSON.stringify([good.failure, good.heard]));
  });
});
