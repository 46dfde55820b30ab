import assert from 'node:assert/strict';
import {
  HISTOGRAM_ERROR,
  judgeThreshold,
  LoadFigures,
  LogHistogram,
  parseThreshold,
  sessionRatios,
} from '../../../lib/load';
import { answered, refused } from './support';

describe('a histogram', () => {
  it('tells percentiles within 1 % of the truth, over nine decades', () => {
    const histogram = new LogHistogram();
    const values: number[] = [];
    for (let index = 0; index < 20_000; index++) {
      const value = 10 ** ((((index * 7919) % 20_000) / 20_000) * 9 - 3);
      values.push(value);
      histogram.add(value);
    }
    values.sort((a, b) => a - b);
    for (const quantile of [0.001, 0.05, 0.5, 0.95, 0.99, 0.999]) {
      const truth = values[Math.ceil(quantile * values.length) - 1];
      const told = histogram.quantile(quantile) ?? 0;
      assert.ok(Math.abs(told / truth - 1) <= HISTOGRAM_ERROR * 1.01, `${quantile}: ${told} for ${truth}`);
    }
    assert.ok(Object.keys(histogram.toJSON().counts).length < 1100);
  });

  it('merges by addition, also over JSON', () => {
    const [left, right, both] = [new LogHistogram(), new LogHistogram(), new LogHistogram()];
    for (let value = 0; value < 500; value++) {
      (value % 3 === 0 ? left : right).add(value);
      both.add(value);
    }
    left.merge(LogHistogram.from(JSON.parse(JSON.stringify(right)) as ReturnType<LogHistogram['toJSON']>));
    assert.deepEqual(left.toJSON(), both.toJSON());
  });

  it('takes zeros, and leaves out what is no value', () => {
    const histogram = new LogHistogram();
    for (const value of [0, 0, 0, 10, -1, NaN]) histogram.add(value);
    assert.deepEqual([histogram.count, histogram.quantile(0.5), histogram.quantile(1)], [4, 0, 10]);
    assert.equal(new LogHistogram().quantile(0.5), undefined);
  });
});

describe('the figures of a stage', () => {
  it('have the ratios of RFC 6076 and ITU-T E.425', () => {
    const figures = new LoadFigures();
    for (let index = 0; index < 5; index++) figures.ended(answered(100));
    for (const status of [486, 480, 503, 302, 404]) figures.ended(refused(status));
    const ratios = sessionRatios(figures);
    assert.equal(ratios.asr, 5 / 10);
    assert.equal(ratios.ner, 7 / 10);
    assert.equal(ratios.ser, 5 / 9);
    assert.equal(ratios.seer, 7 / 9);
    assert.deepEqual(sessionRatios(new LoadFigures()), {});
  });

  it('count causes by name, and no more than fifty', () => {
    const figures = new LoadFigures();
    for (let index = 0; index < 200; index++)
      figures.ended({ ...refused(500), cause: `CAUSE_${index % 80}` });
    assert.equal(figures.causes.length, 51);
    assert.equal(
      figures.causes.reduce((sum, [, count]) => sum + count, 0),
      200,
    );
  });

  it('merge by addition, also over JSON', () => {
    const [left, right, both] = [new LoadFigures(), new LoadFigures(), new LoadFigures()];
    for (let index = 0; index < 100; index++) {
      for (const figures of [index % 2 === 0 ? left : right, both]) {
        figures.started(index);
        figures.ended(index % 10 === 0 ? refused(486) : answered(index));
      }
    }
    left.merge(LoadFigures.from(JSON.parse(JSON.stringify(right)) as ReturnType<LoadFigures['toJSON']>));
    assert.deepEqual(left.toJSON(), both.toJSON());
  });
});

describe('a threshold', () => {
  const figures = new LoadFigures();
  for (let index = 0; index < 99; index++) figures.ended(answered(100 + index));
  figures.ended(refused(486));

  const table: [text: string, ok: boolean][] = [
    ['failed < 1%', false],
    ['failed <= 1 %', true],
    ['passed >= 99', true],
    ['p95 setup < 200 ms', true],
    ['p95 setup < 0.19 s', false],
    ['P99.9 setup < 1s', true],
    ['mean setup < 150', true],
    ['max setup < 150 ms', false],
    ['asr >= 99%', true],
    ['seer >= 100%', true],
    ['failures < 2', true],
    ['min mos >= 3', false],
  ];
  for (const [text, ok] of table) {
    it(`${text}: ${ok ? 'met' : 'not met'}`, () => {
      assert.equal(judgeThreshold(parseThreshold(text), figures).ok, ok);
    });
  }

  it('that a figure is missing for is not met, and says so', () => {
    assert.deepEqual(judgeThreshold(parseThreshold('p5 mos >= 4'), figures), {
      text: 'p5 mos >= 4',
      ok: false,
      wanted: 4,
      unit: '',
    });
  });

  it('may count from some time on', () => {
    assert.equal(parseThreshold('failed < 10% after 30s').afterSeconds, 30);
  });

  const faults: [text: string, sentence: RegExp][] = [
    ['', /one is like/],
    ['failed', /one is like/],
    ['failed = 1%', /one is like/],
    ['colour < 1', /no figure "colour"/],
    ['constructor < 1', /no figure "constructor"/],
    ['setup < 400 ms', /setup needs p95/],
    ['p95 failed < 1%', /failed is one number/],
    ['p95 setup < 4 %', /unit is ms, not %/],
    ['failed < 4 ms', /unit is %, not ms/],
    ['p95 mos > 4 ms', /unit is none/],
    ['failed < 1% after lunch', /"lunch" is no duration/],
    ['x'.repeat(300), /more than 200/],
  ];
  for (const [text, sentence] of faults) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(() => parseThreshold(text), { code: 'BAD_CONFIG', field: 'expect', message: sentence });
    });
  }
});
