import type { RtpFault } from './bad-network';

/** How the system under test treats a call; what is absent is as it should be. */
export interface Behaviour {
  /** Refuses with this status. */
  status?: number;
  neverAnswers?: boolean;
  /** Milliseconds between the INVITE and the answer. */
  answerAfterMs?: number;
  /** 180 is sent; false: nothing; `early`: 183 instead. */
  ring?: boolean | 'early';
  codecs?: string[];
  /** Value of X-Ticket in the 200; null leaves it out. */
  ticket?: string | null;
  /** Sound after the answer. */
  prompt?: string;
  /** Seconds of the prompt. */
  promptLength?: number;
  promptAfterMs?: number;
  /** Digits that answer the caller's. */
  digits?: string;
  toneMs?: number;
  gapMs?: number;
  /** Does not wait for the caller's digit to come, but for one that never does. */
  deaf?: boolean;
  /** When it hangs up: after its digits, this many milliseconds after the answer, or never. */
  hangUp?: 'done' | 'never' | number;
  /** Silence between its digits and its end, in milliseconds. */
  lingerMs?: number;
  /** Text of the Reason header of its BYE; null leaves it out. */
  goodbye?: string | null;
  /** What becomes of the audio that it sends. */
  rtp?: RtpFault;
}

/** A fault, and the cause by which the tester has to name it. */
export interface Fault {
  readonly behaviour: Behaviour;
  /** Subject of the check that fails first, or the code of another reason. */
  readonly cause: string;
}

const fault = (cause: string, behaviour: Behaviour): Fault => ({ cause, behaviour });

/** Every fault by its name, which is also the number that reaches it. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  busy: fault('status', { status: 486 }),
  'not-found': fault('status', { status: 404 }),
  unavailable: fault('status', { status: 480 }),
  declined: fault('status', { status: 603 }),
  forbidden: fault('status', { status: 403 }),
  broken: fault('status', { status: 500 }),
  overloaded: fault('status', { status: 503 }),
  'no-answer': fault('status', { neverAnswers: true }),
  'answers-late': fault('setupMs', { answerAfterMs: 1600 }),
  'does-not-ring': fault('methods', { ring: false }),
  '183-for-180': fault('methods', { ring: 'early' }),
  'codec-pcma': fault('codec', { codecs: ['PCMA'] }),
  'codec-g722': fault('codec', { codecs: ['G722'] }),
  'no-ticket': fault('header X-Ticket', { ticket: null }),
  'wrong-ticket': fault('header X-Ticket', { ticket: 'T-2' }),
  'empty-ticket': fault('header X-Ticket', { ticket: 'T-' }),
  'wrong-digit': fault('digits', { digits: '48' }),
  'missing-digit': fault('digits', { digits: '4' }),
  'extra-digit': fault('digits', { digits: '477' }),
  'swapped-digits': fault('digits', { digits: '74' }),
  'doubled-digits': fault('digits', { digits: '4747' }),
  'no-digits': fault('digits', { digits: '' }),
  deaf: fault('digits', { deaf: true, hangUp: 3500 }),
  'short-digits': fault('digitMs', { toneMs: 40 }),
  'long-digits': fault('digitMs', { toneMs: 400 }),
  'hurried-digits': fault('gapMs', { gapMs: 20 }),
  'wrong-prompt': fault('recordingHas sipflow:welcome', { prompt: 'sipflow:goodbye' }),
  'tone-for-prompt': fault('recordingHas sipflow:welcome', { prompt: 'tone:440' }),
  'silent-prompt': fault('levelDbfs', { prompt: 'silence' }),
  'cut-prompt': fault('recordingHas sipflow:welcome', { promptLength: 0.4 }),
  'late-prompt': fault('durationMs', { promptAfterMs: 2500 }),
  'hangs-up-at-once': fault('digits', { hangUp: 100 }),
  'hangs-up-early': fault('digits', { hangUp: 1200 }),
  'hangs-up-late': fault('durationMs', { lingerMs: 2500 }),
  'never-hangs-up': fault('LEAK', { hangUp: 'never' }),
  'wrong-reason': fault('header Reason', { goodbye: 'Q.850;cause=16;text="timeout"' }),
  'no-reason': fault('header Reason', { goodbye: null }),
  'one-way': fault('audio', { rtp: 'none' }),
  'loss-10': fault('lossPercent', { rtp: 'loss-10' }),
  'loss-4': fault('lossPercent', { rtp: 'loss-4' }),
  jitter: fault('jitterMs', { rtp: 'jitter' }),
  gap: fault('lossPercent', { rtp: 'gap' }),
};
