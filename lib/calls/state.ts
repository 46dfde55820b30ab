import type { CallState } from './types';

/** Triggers of the state machine of a call. */
export type CallTrigger = 'ring' | 'earlyMedia' | 'answer' | 'confirm' | 'end' | 'finalised';

/**
 * The life of a call as a table. A missing entry means that the trigger changes nothing:
 * a late 180 does not take a call out of early media, and nothing leads back from the end.
 *
 * `answer` is our decision to answer an incoming call, `confirm` the completed answer of either side.
 */
const TRANSITIONS: Readonly<Record<CallState, Partial<Record<CallTrigger, CallState>>>> = {
  new: {
    ring: 'ringing',
    earlyMedia: 'early-media',
    answer: 'answering',
    confirm: 'answered',
    end: 'ending',
  },
  ringing: { earlyMedia: 'early-media', answer: 'answering', confirm: 'answered', end: 'ending' },
  'early-media': { answer: 'answering', confirm: 'answered', end: 'ending' },
  answering: { confirm: 'answered', end: 'ending' },
  answered: { end: 'ending' },
  ending: { finalised: 'ended' },
  ended: {},
};

/** The state after `trigger`; the same state when the trigger does not apply. */
export function nextState(state: CallState, trigger: CallTrigger): CallState {
  return TRANSITIONS[state][trigger] ?? state;
}

/** True from the moment the finaliser runs. */
export function isOver(state: CallState): boolean {
  return state === 'ending' || state === 'ended';
}

/** True while an incoming call can still be answered or rejected. */
export function isUnanswered(state: CallState): boolean {
  return state === 'new' || state === 'ringing' || state === 'early-media';
}
