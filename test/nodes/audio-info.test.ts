import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import { soundReports } from '../../nodes/shared/audio-info';
import { Bench, phone } from './support/bench';
import { writeTone } from './support/wav';

describe('what the editor is told about a sound', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = new Bench();
    mkdirSync(join(bench.userDir, 'other'));
    writeTone(join(bench.userDir, 'greeting.wav'), 0.5);
    await bench.load(
      phone('1001', { codecs: ['PCMU', 'pcma'] }),
      phone('1002', { codecs: ['G.722', 'PCMU'] }),
      phone('1003', { codecs: ['L16'], audioDir: 'other' }),
      phone('1004', { codecs: ['PCMX'] }),
    );
    await Promise.all(
      ['1001', '1002', '1003'].map(
        (dn) => (helper.getNode(`phone${dn}`) as unknown as { started: Promise<void> }).started,
      ),
    );
  });
  afterEach(async () => bench.close());

  const ask = (source: unknown, ...phones: string[]) =>
    soundReports(
      helper._redNodes,
      source,
      phones.map((dn) => `phone${dn}`),
    );
  const codecs = { PCMU: 8000, PCMA: 8000, G722: 16000, L16: 16000 };
  const listed = (...names: (keyof typeof codecs)[]) =>
    names.map((name) => ({ name, sampleRate: codecs[name] }));

  it('names the codecs that the chosen phones may agree on, with their rates', async () => {
    const [report, ...others] = await ask('greeting.wav', '1001');
    assert.deepEqual(others, []);
    assert.deepEqual([report?.phones, report?.codecs], [['Phone 1001'], listed('PCMU', 'PCMA')]);
    assert.deepEqual(
      [report?.info?.sampleRate, report?.info?.channels, report?.info?.durationMs],
      [8000, 1, 500],
    );
    const [both, ...more] = await ask('greeting.wav', '1001', '1002');
    assert.deepEqual(more, []);
    assert.deepEqual(both?.phones, ['Phone 1001', 'Phone 1002']);
    assert.deepEqual(both?.codecs, listed('PCMU', 'PCMA', 'G722'));
  });

  it('looks in the folder of each phone, and says which ones miss the file', async () => {
    const reports = await ask('greeting.wav');
    assert.deepEqual(
      reports.map(({ phones, info, failure }) => [phones, Boolean(info), failure?.code]),
      [
        [['Phone 1001', 'Phone 1002'], true, undefined],
        [['Phone 1003'], false, 'FILE_NOT_FOUND'],
      ],
    );
    const [shipped, ...others] = await ask('sipflow:beep');
    assert.deepEqual([shipped?.phones.length, others.length], [3, 0]);
  });

  it('says so when none of the phones runs, and looks at no URL', async () => {
    for (const phones of [['1004'], ['9999']])
      await assert.rejects(ask('greeting.wav', ...phones), { code: 'INSTANCE_NOT_READY' });
    for (const source of ['http://127.0.0.1/a.wav', ' HTTPS://a/b', ['a'], 'x'.repeat(2000)])
      await assert.rejects(ask(source), { code: 'BAD_AUDIO' });
  });
});
