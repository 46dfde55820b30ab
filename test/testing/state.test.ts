import assert from 'node:assert/strict';
import {
  type AttemptEvent,
  type Ending,
  nextPhase,
  type Phase,
  WAITING,
} from '../../lib/testing/attempt/state';

const TIMEOUT: Ending = { by: 'timeout', timeoutMs: 60_000 };
const END: Ending = { by: 'end', result: 'checks', node: { id: 'n', name: '', type: 'sip-test-end' } };

function after(...events: AttemptEvent[]): { phase: Phase; effects: string[] } {
  let phase = WAITING;
  const effects: string[] = [];
  for (const event of events) {
    const next = nextPhase(phase, event);
    phase = next.phase;
    effects.push(...next.effects);
  }
  return { phase, effects };
}

describe('the states of an attempt', () => {
  it('are waiting, running, concluding, done', () => {
    const begin = { kind: 'begin' } as const;
    const ending = { kind: 'ending', ending: END, atMs: 250 } as const;
    assert.equal(after().phase.state, 'waiting');
    assert.equal(after(begin).phase.state, 'running');
    assert.deepEqual(after(begin, ending).phase, { state: 'concluding', ending: END, endedAtMs: 250 });
    const { phase, effects } = after(begin, ending, { kind: 'concluded' });
    assert.equal(phase.state, 'done');
    assert.deepEqual(effects, [
      'start-timer',
      'send-first-message',
      'stop-timer',
      'conclude',
      'release-waiters',
      'report',
    ]);
  });

  it('are left by exactly one ending, the first', () => {
    const { phase, effects } = after(
      { kind: 'begin' },
      { kind: 'ending', ending: TIMEOUT, atMs: 60_000 },
      { kind: 'ending', ending: END, atMs: 60_001 },
    );
    assert.deepEqual([phase.ending, phase.endedAtMs], [TIMEOUT, 60_000]);
    assert.equal(effects.filter((effect) => effect === 'conclude').length, 1);
  });

  it('release whoever waits at once, unless the test came to its end: then what goes on is a leak', () => {
    const effectsOf = (ending: Ending): string[] =>
      after({ kind: 'begin' }, { kind: 'ending', ending, atMs: 1 }).effects.slice(2);
    assert.deepEqual(effectsOf(TIMEOUT), ['stop-timer', 'release-waiters', 'conclude']);
    assert.deepEqual(effectsOf(END), ['stop-timer', 'conclude']);
  });

  it('do not change by what does not apply', () => {
    assert.deepEqual(after({ kind: 'concluded' }), { phase: WAITING, effects: [] });
    const done = after(
      { kind: 'begin' },
      { kind: 'ending', ending: END, atMs: 1 },
      { kind: 'concluded' },
    ).phase;
    for (const event of [
      { kind: 'begin' },
      { kind: 'ending', ending: TIMEOUT, atMs: 2 },
      { kind: 'concluded' },
    ] as const) {
      assert.deepEqual(nextPhase(done, event), { phase: done, effects: [] });
    }
  });
});
