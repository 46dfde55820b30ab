import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WAV_HEADER_BYTES, writeWavHeader } from '../../../lib/audio';
import { htmlReport, writeView, type Report } from '../../../lib/testing';
import { waveformOf } from '../../../lib/audio/waveform';
import type { PageIndex, PageRow, PageSound, PageVerdict } from '../../../lib/testing/report/page/model';
import { hashOf, placesIn, stateOf } from '../../../lib/testing/report/page/state';
import {
  attempt,
  check,
  evidence,
  failedAttempt,
  hostileReport,
  mixedReport,
  report,
  step,
  verdict,
} from './reports';

/** A WAV file of a second, 8 kHz: silence, then a level. */
function wav(level: number): Buffer {
  const samples = new Int16Array(8_000).fill(level, 4_000);
  return wavOf(Buffer.from(samples.buffer));
}

function wavOf(data: Buffer): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  writeWavHeader(header, { sampleRate: 8_000, channels: 1 }, data.length);
  return Buffer.concat([header, data]);
}

/** A value that lies in a page. */
function dataOf<Kind>(html: string, id: string): Kind {
  const text = new RegExp(`<script type="application/json" id="${id}">(.*)</script>`).exec(html)?.[1];
  return JSON.parse(text ?? 'null') as Kind;
}

const soundsOf = (html: string, id: string): PageSound[] =>
  dataOf<PageVerdict>(html, id).attempts.flatMap(({ calls }) => calls.flatMap(({ sounds }) => sounds));

describe('the HTML report', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sipflow-html-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const html = (source: Report, more: { audioBudget?: number } = {}): Promise<string> =>
    htmlReport(source, { base: folder, folder, ...more });

  it('lets only its own script and styles run, and loads nothing', async () => {
    const text = await html(mixedReport());
    const script = /<script>([^]*?)<\/script>/.exec(text)?.[1] ?? '';
    const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? '';
    const hash = (part: string): string => `'sha256-${createHash('sha256').update(part).digest('base64')}'`;
    assert.match(text, /content="default-src 'none'; script-src '/);
    assert.ok(text.includes(`script-src ${hash(script)};`));
    assert.ok(text.includes(`style-src ${hash(style)} '`));
    assert.doesNotMatch(style, /url\(|@import/);
    assert.deepEqual(text.match(/\b(src|href)="(?!data:)[^"]*"/g), null);
  });

  it('has nothing of a hostile text outside of its data', async () => {
    const text = await html(hostileReport());
    const outside = text
      .replace(/<script type="application\/json".*\n/g, '')
      .replace(/<(script|style)>[^]*?<\/\1>/g, '');
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(outside, /<script>window|<img|\u202e|\u0000|\u001b/);
    const rows = dataOf<PageIndex>(text, 'index').rows;
    assert.equal(rows.length, 10);
    assert.ok(rows.every(({ title, cause }) => title.length <= 200 && cause.length <= 400));
  });

  it('has the audio of failed attempts as far as the budget goes, and links the rest', async () => {
    writeFileSync(join(folder, 'a.wav'), wav(9_000));
    const call = evidence({ recordings: ['a.wav'] });
    const failed = verdict({ attempts: [failedAttempt({ calls: [call] })] });
    const source = report([failed, failed, verdict({ attempts: [attempt({ calls: [call] })] })]);
    const text = await html(source, { audioBudget: 30_000 });
    const audio = ['v0', 'v1', 'v2'].map((id) =>
      soundsOf(text, id).map((sound) => sound.audio?.slice(0, 22)),
    );
    assert.deepEqual(audio, [['data:audio/wav;base64,'], [undefined], [undefined]]);
    const [{ href, durationMs, peaks }] = soundsOf(text, 'v1');
    assert.deepEqual([href, durationMs, peaks.length], ['./a.wav', 1_000, 1]);
    assert.ok(text.length < 150_000);
  });

  it('marks prompts, digits and checks where they were in a recording', async () => {
    writeFileSync(join(folder, 'a.wav'), wav(9_000));
    const call = evidence({ recordings: ['a.wav'] });
    const of = { call: 'call-1' };
    const steps = [
      step({ ...of, atMs: 500, node: { id: 'r', name: 'Record', type: 'sip-record' } }),
      step({ ...of, atMs: 700, node: { id: 'd', name: 'Press', type: 'sip-send-dtmf' }, detail: '5' }),
      step({ ...of, atMs: 9_000, node: { id: 'p', name: 'Play', type: 'sip-play-audio' } }),
    ];
    const checks = [check({ ...of, atMs: 1_250 }), check({ atMs: 1_300 })];
    const text = await html(
      report([verdict({ attempts: [failedAttempt({ calls: [call], steps, checks })] })]),
    );
    assert.deepEqual(soundsOf(text, 'v0')[0].marks, [
      { atMs: 200, kind: 'digit', text: 'Press: 5' },
      { atMs: 750, kind: 'failed', text: 'codec is PCMU' },
    ]);
  });

  it('tells the recording of a step from one of the whole call, which ends with it', async () => {
    writeFileSync(join(folder, 'a.wav'), wav(9_000));
    const call = evidence({ recordings: ['a.wav', './a.wav'] });
    const steps = [
      step({ call: 'call-1', atMs: 2_500, node: { id: 'r', name: 'Record', type: 'sip-record' } }),
      step({ call: 'call-1', atMs: 3_200, node: { id: 'p', name: 'Play', type: 'sip-play-audio' } }),
    ];
    const text = await html(report([verdict({ attempts: [attempt({ calls: [call], steps, checks: [] })] })]));
    assert.deepEqual(
      soundsOf(text, 'v0').map(({ marks }) => marks.map(({ atMs }) => atMs)),
      [[200], [700]],
    );
  });

  it('is whole without the recordings that are lost or are no sound', async () => {
    writeFileSync(join(folder, 'b.wav'), 'no sound');
    mkdirSync(join(folder, 'c.wav'));
    const recordings = ['a.wav', 'b.wav', 'c.wav', '../../etc/passwd', '/dev/zero', '/dev/zero.wav'];
    const text = await html(
      report([verdict({ attempts: [failedAttempt({ calls: [evidence({ recordings })] })] })]),
    );
    assert.ok(soundsOf(text, 'v0').every(({ missing, audio }) => missing === true && audio === undefined));
  });

  it('links files by paths that no text can turn into another address', async () => {
    const file = 'javascript:alert(1)#?%41 "x".wav';
    const artefacts = [{ kind: 'text' as const, file, title: 'x' }];
    const text = await html(report([verdict({ attempts: [failedAttempt({ artefacts })] })]));
    const [{ href }] = dataOf<PageVerdict>(text, 'v0').attempts[0].files;
    assert.equal(href, './javascript%3Aalert(1)%23%3F%2541%20%22x%22.wav');
  });

  it('names the row of the ladder at which the attempt failed', async () => {
    const text = await html(mixedReport());
    const [{ ladder, failedRow = -1 }] = dataOf<PageVerdict>(text, 'v1').attempts;
    const row = ladder.rows[failedRow];
    assert.equal(row.kind === 'mark' && row.text, 'codec is PCMU, got G722');
    assert.equal(dataOf<PageVerdict>(text, 'v0').attempts[0].failedRow, undefined);
  });

  it('warns of a test that has checked nothing', async () => {
    const reason = { code: 'NO_CHECKS', message: 'It has checked nothing.', atMs: 1 };
    const text = await html(report([verdict({ attempts: [attempt({ reason, checks: [] })] })]));
    assert.equal(dataOf<PageIndex>(text, 'index').rows[0].cause, 'It has checked nothing.');
  });

  it('has a list for readers who let no script run', async () => {
    const text = await html(mixedReport());
    assert.match(text, /<noscript><p>4 tests · failed 1 · flaky 1 · skipped 1 · passed 1<\/p>\n<table>/);
    const korean = await htmlReport(mixedReport(), { base: folder, folder, language: 'ko' });
    assert.match(korean, /<html lang="ko">[^]*<noscript><p>테스트 4개 · 실패 1 /);
  });

  it('is written as a file whose links lead back to the recordings', async () => {
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'a.wav'), wav(9_000));
    const source = report([
      verdict({ attempts: [attempt({ calls: [evidence({ recordings: ['a.wav'] })] })] }),
    ]);
    const file = join(folder, 'out', 'report.html');
    await writeView('html', source, file, { base: folder });
    assert.equal(soundsOf(readFileSync(file, 'utf8'), 'v0')[0].href, './../a.wav');
    await assert.rejects(writeView('html', source, join(folder, 'a.wav', 'x.html'), { base: folder }), {
      code: 'FILE_ACCESS',
    });
  });
});

describe('the outline of a recording', () => {
  it('has the loudest sample of each piece', () => {
    const { durationMs, peaks } = waveformOf(wav(16_384));
    assert.equal(durationMs, 1_000);
    assert.deepEqual([peaks.length, peaks[0].length], [1, 600]);
    assert.deepEqual([peaks[0][0], peaks[0][299], peaks[0][300], peaks[0][599]], [0, 0, 128, 128]);
  });

  it('of a sound of two samples has two pieces', () => {
    const { peaks } = waveformOf(wavOf(Buffer.from([0, 128, 255, 127])));
    assert.deepEqual([...peaks[0]], [255, 255]);
  });
});

describe('the state of the page', () => {
  const row = (more: Partial<PageRow>): PageRow => ({
    title: 'Busy',
    file: 'flows/pbx.json',
    tags: ['smoke'],
    status: 'passed',
    durationMs: 100,
    attempts: 1,
    cause: '',
    ...more,
  });
  const rows = [
    row({}),
    row({ status: 'failed', cause: '486 Busy Here', durationMs: 5_000 }),
    row({ status: 'flaky', title: 'Transfer', tags: [] }),
  ];

  it('is the same from its address', () => {
    const hash = '#v=1&a=2&status=failed%2Cflaky&q=a+b&tag=smoke&min=1.5&order=slowest&lang=ko';
    assert.equal(hashOf(stateOf(hash)), hash);
    assert.equal(hashOf(stateOf('#v=x&a=-1&status=green&min=-3&order=up')), '#');
  });

  const shown: [string, number[]][] = [
    ['#', [1, 2, 0]],
    ['#order=run', [0, 1, 2]],
    ['#order=slowest', [1, 0, 2]],
    ['#status=passed,flaky', [2, 0]],
    ['#tag=smoke', [1, 0]],
    ['#min=5', [1]],
    ['#q=busy+486', [1]],
    ['#q=TRANS&status=failed', []],
  ];
  for (const [hash, places] of shown) {
    it(`${hash} shows ${places.join()}`, () => assert.deepEqual(placesIn(rows, stateOf(hash)), places));
  }
});
