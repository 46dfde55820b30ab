import assert from 'node:assert/strict';
import { emptyLoadReport, parseStages, SliceLedger } from '../../lib/load';
import { needsOf } from '../../cli/fleet/needs';
import { Crew } from '../../cli/fleet/crew';
import type { Member } from '../../cli/fleet/crew';
import { isRefusal, redisSentence } from '../../cli/fleet/redis';
import { TIMES, type WorkerState } from '../../cli/fleet/state';
import { workerEnd } from '../../cli/fleet/worker-ends';
import { planOf } from '../unit/load/support';

function stateOf(some: Partial<WorkerState> = {}): WorkerState {
  return {
    ...{ name: 'a', token: 't', version: '1', nodeVersion: '22', nodeRed: '4', host: 'berlin' },
    ...{ labels: {}, at: 0, offsetMs: 0, phase: 'running', ...some },
  };
}

describe('what a run needs of a machine', () => {
  const tab = { id: 'tab', type: 'tab' };
  const testCase = { id: 'case', type: 'sip-test-case', z: 'tab', title: 'menu' };

  it('is read off the nodes of its cases: voices of texts, codecs of phones and calls', () => {
    const nodes = [
      tab,
      testCase,
      { id: 'p1', type: 'sip-instance', codecs: 'opus, PCMU' },
      { id: 'p2', type: 'sip-instance', codecs: 'G722' },
      { id: 'call', type: 'sip-make-call', z: 'tab', instance: 'p1', codecs: 'L16', name: 'say(fr): a name' },
      { id: 'play', type: 'sip-play-audio', z: 'tab', source: 'say(ko):어서 오세요' },
      {
        id: 'heard',
        type: 'sip-listen',
        z: 'tab',
        references: [{ source: 'say: Hello' }, { source: 'a.wav' }],
      },
      { id: 'words', type: 'function', z: 'tab', func: 'say(de): not a source' },
      { id: 'off', type: 'sip-play-audio', z: 'tab', d: true, source: 'say(it):ciao' },
    ];
    assert.deepEqual(needsOf(nodes), { voices: ['', 'ko'], codecs: ['L16', 'OPUS', 'PCMU'] });
  });

  it('is that of the tabs of the cases that are meant, and of subflows', () => {
    const nodes = [
      tab,
      testCase,
      { id: 'other', type: 'tab' },
      { id: 'case2', type: 'sip-test-case', z: 'other', title: 'queue' },
      { id: 'sub', type: 'subflow' },
      { id: 'a', type: 'sip-menu', z: 'tab', prompt: 'say(ko):하나' },
      { id: 'b', type: 'sip-menu', z: 'other', prompt: 'say(de):eins' },
      { id: 'c', type: 'sip-menu', z: 'sub', prompt: 'say(fr):un' },
    ];
    assert.deepEqual(needsOf(nodes, /menu/).voices, ['fr', 'ko']);
    assert.deepEqual(needsOf(nodes, /queue/).voices, ['de', 'fr']);
    assert.deepEqual(needsOf(nodes).voices, ['de', 'fr', 'ko']);
  });
});

describe('the workers of a run', () => {
  /** A crew with one worker, a Redis that can be silent, and a clock that is set by hand. */
  function crewOf(): {
    crew: Crew;
    member: Member;
    at: (ms: number) => void;
    beat: (state?: WorkerState) => Promise<void>;
  } {
    let now = 1_000_000;
    let told: string | null = null;
    const pipeline = {
      set: () => pipeline,
      mget: () => pipeline,
      exec: () =>
        Promise.resolve([
          [null, 'OK'],
          [null, [told]],
        ]),
    };
    const redis = { pipeline: () => pipeline, set: () => Promise.resolve('OK') };
    const clock = { now: () => now };
    const crew = new Crew(redis as never, clock as never, 'run', () => 1);
    const state = stateOf({ at: now });
    crew.adopt({ name: 'a', token: 't', slot: 0 }, state);
    return {
      crew,
      member: crew.members[0],
      at: (ms) => (now = 1_000_000 + ms),
      beat: (next) => {
        told = next ? JSON.stringify({ ...next, at: now }) : null;
        return crew.beat();
      },
    };
  }

  it('are gone when nothing was heard of them, while Redis answers', async () => {
    const { crew, member, at, beat } = crewOf();
    for (let ms = 0; ms <= 5000; ms += 500) {
      at(ms);
      await beat();
      assert.equal(crew.isFresh(member.state), ms < TIMES.stale, `after ${ms} ms`);
    }
  });

  it('are as they were while Redis was away, and for some seconds after that', async () => {
    const { crew, member, at, beat } = crewOf();
    await beat(stateOf());
    at(30_000);
    await beat();
    assert.ok(crew.isFresh(member.state));
    at(31_000);
    await beat(stateOf());
    assert.ok(crew.isFresh(member.state));
    // One that does not come back is gone then.
    for (let ms = 31_500; ms <= 35_500; ms += 500) {
      at(ms);
      await beat();
    }
    assert.ok(!crew.isFresh(member.state));
  });
});

describe('the end of a worker', () => {
  it('says what was lost with it, starts and calls that were to be kept up', () => {
    const stages = '10/s for 10s, 4 calls for 10s';
    const ledger = new SliceLedger(parseStages(stages), 100);
    while (ledger.nextMs !== undefined) ledger.give([0, 1]);
    const member = { name: 'a', token: 't', slot: 1, state: stateOf() };
    const report = {
      ...emptyLoadReport(planOf(stages, { shard: { index: 1, count: 2 } })),
      durationMs: 12_000,
    };
    report.stages[0].figures.counters.started = 50;
    const lost = workerEnd(member, report, { ledger, endedMs: undefined });
    assert.deepEqual([lost.state, lost.lostStarts, lost.lostCallSeconds], ['lost', 0, 16]);
    assert.match(
      lost.message ?? '',
      /^Worker a \(berlin\) was lost: .*gone before the end\. .*16 call-seconds/,
    );
    const left = { ...member, state: stateOf({ phase: 'left', sentence: 'it was stopped.' }) };
    assert.match(
      workerEnd(left, undefined, { ledger, endedMs: 5000 }).message ?? '',
      /was lost: it was stopped\.$/,
    );
    assert.equal(workerEnd(left, undefined, { ledger, endedMs: 5000 }).lostStarts, 25);
    const done = { ...member, state: stateOf({ phase: 'done' }) };
    assert.deepEqual(workerEnd(done, report, { ledger, endedMs: undefined }).lostCallSeconds, 0);
  });
});

describe('a Redis that refuses', () => {
  it('is told from a fault of ours, and in a sentence', () => {
    const full = new Error("OOM command not allowed when used memory > 'maxmemory'.");
    assert.ok(isRefusal(full));
    assert.equal(redisSentence(full), 'Redis is full: it takes nothing more (maxmemory).');
    assert.ok(isRefusal(new Error('LOADING Redis is loading the dataset in memory')));
    assert.ok(!isRefusal(new TypeError('x is not a function')));
  });
});
