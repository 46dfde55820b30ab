import assert from 'node:assert/strict';
import { isOver, isUnanswered, nextState, type CallTrigger } from '../../../lib/calls/state';
import type { CallState } from '../../../lib/calls/types';

function walk(...triggers: CallTrigger[]): CallState {
  return triggers.reduce<CallState>(nextState, 'new');
}

describe('call state', () => {
  it('leads from ringing over early media to the answer and the end', () => {
    assert.equal(walk('ring'), 'ringing');
    assert.equal(walk('ring', 'earlyMedia'), 'early-media');
    assert.equal(walk('ring', 'earlyMedia', 'answer'), 'answering');
    assert.equal(walk('ring', 'earlyMedia', 'confirm'), 'answered');
    assert.equal(walk('ring', 'confirm', 'end'), 'ending');
    assert.equal(walk('ring', 'confirm', 'end', 'finalised'), 'ended');
  });

  it('ignores what comes too late', () => {
    assert.equal(walk('earlyMedia', 'ring'), 'early-media', 'a 180 after a 183');
    assert.equal(walk('confirm', 'ring'), 'answered', 'a 180 after the 200');
    assert.equal(walk('confirm', 'earlyMedia'), 'answered');
    assert.equal(walk('end', 'confirm'), 'ending', 'a 200 that crosses our CANCEL');
    assert.equal(walk('end', 'finalised', 'end'), 'ended');
    assert.equal(walk('finalised'), 'new', 'the finaliser cannot have run');
  });

  it('knows what can still be answered and what is over', () => {
    const states: CallState[] = ['new', 'ringing', 'early-media', 'answering', 'answered', 'ending', 'ended'];
    assert.deepEqual(states.filter(isUnanswered), ['new', 'ringing', 'early-media']);
    assert.deepEqual(states.filter(isOver), ['ending', 'ended']);
  });
});
