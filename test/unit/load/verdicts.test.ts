import assert from 'node:assert/strict';
import { type GeneratorHealth, limitSigns, LoadFigures } from '../../../lib/load';
import { judgeStage, type StageFacts } from '../../../lib/load/stage-verdict';
import { answered, refused } from './support';

const NO_RESPONSE = { ...refused(0), calls: [{ direction: 'out', answered: false }] } as const;

/** A stage in which 50 calls a second get through. */
function limitedStage(
  more: Partial<StageFacts> & { setupMs?: number; refusal?: ReturnType<typeof refused> } = {},
): StageFacts {
  const { setupMs = 20, refusal, ...facts } = more;
  const figures = new LoadFigures();
  for (let index = 0; index < 500; index++) figures.ended(answered(setupMs));
  for (let index = 0; index < 500; index++) figures.ended(refusal ?? NO_RESPONSE);
  const course = Array.from({ length: 10 }, (_, second) => ({
    started: 100,
    passed: 49 + (second % 3),
    failed: 50,
  }));
  return {
    figures,
    health: { loopBusy: 0.2 },
    seconds: 10,
    course,
    calmSetupMs: 18,
    unansweredShare: refusal ? 0 : 1,
    sources: 1,
    ...facts,
  };
}

describe('who was the limit of a stage', () => {
  const signs: [health: GeneratorHealth, code: string][] = [
    [{ lateP99Ms: 51 }, 'LATE_STARTS'],
    [{ leftOutShare: 0.0011 }, 'STARTS_LEFT_OUT'],
    [{ loopBusy: 0.91 }, 'LOOP_BUSY'],
    [{ skippedDeadlines: 5 }, 'MEDIA_DEADLINES'],
    [{ droppedDatagrams: 1 }, 'SOCKET_DROPS'],
    [{ throttledMs: 101 }, 'THROTTLED'],
    [{ stolenShare: 0.06 }, 'TIME_STOLEN'],
    [{ portsExhausted: 1 }, 'PORTS_EXHAUSTED'],
  ];
  for (const [health, code] of signs) {
    it(`${code}: the generator`, () => {
      assert.deepEqual(
        limitSigns(health, 10).map((sign) => sign.code),
        [code],
      );
      assert.equal(judgeStage({ ...limitedStage(), health }).kind, 'generator-limited');
    });
  }

  it('nobody here: within every limit', () => {
    const within = {
      lateP99Ms: 50,
      leftOutShare: 0.001,
      loopBusy: 0.9,
      skippedDeadlines: 0,
      throttledMs: 100,
      stolenShare: 0.05,
    };
    assert.deepEqual(limitSigns(within, 10), []);
  });

  it('suspects a limit per source where calls get no response, and the others are as fast as before', () => {
    const { kind, reasons } = judgeStage(limitedStage());
    assert.equal(kind, 'per-source-limit-suspected');
    assert.match(reasons[0], /beyond 50 per second.*--source/);
  });

  it('does not suspect one of a system that refuses, slows down, or lets through more by and by', () => {
    assert.equal(judgeStage(limitedStage({ refusal: refused(503) })).kind, 'judged');
    assert.equal(judgeStage(limitedStage({ setupMs: 400 })).kind, 'judged');
    const course = Array.from({ length: 10 }, (_, second) => ({
      started: 100,
      passed: 10 * second,
      failed: 50,
    }));
    assert.equal(judgeStage(limitedStage({ course })).kind, 'judged');
    assert.equal(judgeStage(limitedStage({ health: { loopBusy: 0.8 } })).kind, 'judged');
  });
});
