import {
  anObject,
  assertOptions,
  callback,
  flag,
  headerFields,
  listOf,
  number,
  oneOf,
  type Rule,
  type Rules,
  text,
  whole,
} from '../common';
import { MAX_TRIES } from './digits/menu';
import type {
  AnswerOptions,
  DialOptions,
  DialThroughOptions,
  EarlyMediaOptions,
  GatherOptions,
  IncomingOptions,
  ListenOptions,
  MenuOptions,
  PlayOptions,
  RecordOptions,
  RejectOptions,
  RequestAnswer,
  RequestOptions,
  SendDigitsOptions,
  SubscribeRequest,
} from './types';
import { WAIT_EVENTS } from './wait';

// Rules for the options of the methods of phones and calls. Each function throws a SipflowError that names the option.

/** A timer of Node.js counts 24.8 days. */
const seconds = number(0, 24 * 86_400);
/** Seconds of audio, which no timer counts. */
const length = number(0);
const methods: Rule = listOf(oneOf(['rfc4733', 'info', 'inband']));

/** Sound sources; their text is parsed later. */
const source: Rule = (value) =>
  typeof value === 'string' || value instanceof Uint8Array ? undefined : 'text or the bytes of a WAV file';

const DIAL: Rules<DialOptions> = {
  target: text,
  from: text,
  fromName: text,
  privacy: text,
  headers: headerFields,
  codecs: listOf(text),
  ringTimeout: seconds,
  maxCallDuration: seconds,
  retries: whole(0, 100),
  retryPause: number(0, 3600),
  retryOn: text,
  followRedirects: flag,
  lateOffer: flag,
};

/** BAD_TARGET for the target, else BAD_CONFIG. */
export function assertDial(options: unknown): asserts options is DialOptions {
  assertOptions(options, DIAL, { name: 'dial', required: ['target'], codes: { target: 'BAD_TARGET' } });
}

const DIAL_THROUGH: Rules<DialThroughOptions & { target?: unknown }> = {
  ...DIAL,
  target: () => undefined,
  targets: listOf(text),
  order: oneOf(['parallel', 'sequential']),
  onFailure: oneOf(['reject', 'keep']),
  ringback: source,
};

/** BAD_TARGET for the targets, else BAD_CONFIG. */
export function assertDialThrough(options: unknown): asserts options is DialThroughOptions {
  assertOptions(options, DIAL_THROUGH, {
    name: 'dialThrough',
    required: ['targets'],
    codes: { targets: 'BAD_TARGET' },
  });
}

const INCOMING: Rules<IncomingOptions> = {
  match: text,
  ring: flag,
  noAnswerTimeout: seconds,
  noAnswerStatus: whole(400, 699),
};

/** BAD_CONFIG. */
export function assertOnCall(listener: unknown, options: unknown): void {
  assertOptions({ listener }, { listener: callback }, { name: 'onCall', required: ['listener'] });
  assertOptions(options, INCOMING, { name: 'onCall' });
}

const ANSWER: Rules<AnswerOptions> = { headers: headerFields, codecs: listOf(text) };

/** BAD_CONFIG. */
export function assertAnswer(options: unknown): void {
  assertOptions(options, ANSWER, { name: 'answer' });
}

const REJECT: Rules<RejectOptions> = {
  status: whole(300, 699),
  reason: text,
  contact: text,
  headers: headerFields,
};

/** BAD_CONFIG. */
export function assertReject(options: unknown): void {
  assertOptions(options, REJECT, { name: 'reject', required: ['status'] });
}

const EARLY_MEDIA: Rules<EarlyMediaOptions> = { reliable: flag, headers: headerFields };

/** BAD_CONFIG. */
export function assertEarlyMedia(options: unknown): void {
  assertOptions(options, EARLY_MEDIA, { name: 'startEarlyMedia' });
}

const PLAY: Rules<PlayOptions> = {
  source,
  strict: flag,
  loop: flag,
  offset: length,
  maxDuration: length,
  bargeIn: text,
  mix: flag,
};

/** BAD_AUDIO for the source, else BAD_CONFIG. */
export function assertPlay(options: unknown): void {
  assertOptions(options, PLAY, { name: 'play', required: ['source'], codes: { source: 'BAD_AUDIO' } });
}

const RECORD: Rules<RecordOptions> = {
  file: text,
  channels: oneOf(['mixed', 'stereo', 'received', 'sent']),
  beep: flag,
  maxDuration: length,
  silenceStop: length,
  silenceLevel: number(-127, 0),
  terminator: text,
};

/** BAD_CONFIG. */
export function assertRecord(options: unknown): void {
  assertOptions(options, RECORD, { name: 'record', required: ['file'] });
}

const SEND_DIGITS: Rules<SendDigitsOptions> = {
  digits: text,
  method: oneOf(['auto', 'rfc4733', 'info', 'inband']),
  toneMs: number(1, 60_000),
  gapMs: number(0, 60_000),
};

/** BAD_DIGITS for the digits, else BAD_CONFIG. */
export function assertSendDigits(options: unknown): void {
  const codes = { digits: 'BAD_DIGITS' } as const;
  assertOptions(options, SEND_DIGITS, { name: 'sendDigits', required: ['digits'], codes });
}

const LISTEN: Rules<ListenOptions> = {
  for: oneOf(['prompt', 'speech', 'end-of-speech', 'silence', 'tone', 'answerer']),
  reference: (value) => (Array.isArray(value) ? listOf(source)(value) : source(value)),
  threshold: number(0, 1),
  timeout: number(0.1, 86_400),
  silence: number(0.1, 600),
  since: oneOf(['now', 'start', 'sent']),
  capture: flag,
  signal: anObject,
};

/** BAD_AUDIO for the reference, else BAD_CONFIG. */
export function assertListen(options: unknown): asserts options is ListenOptions {
  assertOptions(options, LISTEN, { name: 'listen', codes: { reference: 'BAD_AUDIO' } });
}

const GATHER: Rules<GatherOptions> = {
  flush: flag,
  minDigits: whole(0, 256),
  maxDigits: whole(0, 256),
  terminator: text,
  pattern: text,
  firstDigitTimeout: seconds,
  interDigitTimeout: seconds,
  methods,
  prompt: source,
  bargeIn: flag,
  signal: anObject,
};

/** BAD_AUDIO for the prompt, else BAD_CONFIG. */
export function assertGather(options: unknown): void {
  assertOptions(options, GATHER, { name: 'gather', codes: { prompt: 'BAD_AUDIO' } });
}

const choice: Rule = (value) => {
  const { match, label = '' } = (anObject(value) === undefined ? value : {}) as {
    match?: unknown;
    label?: unknown;
  };
  const right = typeof match === 'string' && typeof label === 'string';
  return right ? undefined : 'an object with its keys, such as { match: "1", label: "Sales" }';
};

const MENU: Rules<MenuOptions> = {
  choices: listOf(choice),
  prompt: source,
  bargeIn: flag,
  firstDigitTimeout: seconds,
  interDigitTimeout: seconds,
  tries: whole(1, MAX_TRIES),
  noInputPrompt: source,
  invalidPrompt: source,
  terminator: text,
  signal: anObject,
};

/** BAD_AUDIO for the prompts, else BAD_CONFIG. */
export function assertMenu(options: unknown): void {
  const codes = { prompt: 'BAD_AUDIO', noInputPrompt: 'BAD_AUDIO', invalidPrompt: 'BAD_AUDIO' } as const;
  assertOptions(options, MENU, { name: 'menu', required: ['choices'], codes });
}

/** BAD_CONFIG. */
export function assertStreamDigits(options: unknown, onDigit: unknown, onEnd: unknown): void {
  assertOptions(options, { flush: flag, methods }, { name: 'streamDigits' });
  const required = ['onDigit', 'onEnd'];
  assertOptions(
    { onDigit, onEnd },
    { onDigit: callback, onEnd: callback },
    { name: 'streamDigits', required },
  );
}

/** BAD_CONFIG. */
export function assertHold(action: unknown, options: unknown): void {
  assertOptions({ action }, { action: oneOf(['hold', 'resume']) }, { name: 'hold', required: ['action'] });
  assertOptions(options, { headers: headerFields }, { name: 'hold' });
}

const REQUEST: Rules<RequestOptions> = {
  method: text,
  body: text,
  contentType: text,
  headers: headerFields,
  timeout: seconds,
};

/** BAD_CONFIG. */
export function assertCallRequest(options: unknown): void {
  assertOptions(options, { ...REQUEST, codecs: listOf(text) }, { name: 'request', required: ['method'] });
}

/** BAD_TARGET for the target, else BAD_CONFIG. */
export function assertPhoneRequest(options: unknown): void {
  const codes = { target: 'BAD_TARGET' } as const;
  assertOptions(
    options,
    { ...REQUEST, target: text },
    { name: 'request', required: ['method', 'target'], codes },
  );
}

const SUBSCRIBE: Rules<SubscribeRequest> = {
  target: text,
  event: text,
  expires: whole(0, 604_800),
  timeout: seconds,
  body: text,
  contentType: text,
  headers: headerFields,
};

/** BAD_TARGET for the target, else BAD_CONFIG. */
export function assertSubscribe(options: unknown): void {
  const codes = { target: 'BAD_TARGET' } as const;
  assertOptions(options, SUBSCRIBE, { name: 'subscribe', required: ['target', 'event'], codes });
}

const ANSWER_REQUEST: Rules<RequestAnswer> = {
  status: whole(200, 699),
  reason: text,
  body: text,
  contentType: text,
  headers: headerFields,
};

/** BAD_CONFIG. */
export function assertAnswerRequest(options: unknown): void {
  assertOptions(options, ANSWER_REQUEST, { name: 'answerRequest', required: ['status'] });
}

/** BAD_TARGET for the target, else BAD_CONFIG. */
export function assertTransfer(options: unknown): void {
  const rules = { kind: oneOf(['blind', 'attended']), headers: headerFields };
  assertOptions(options, rules, { name: 'transfer', required: ['kind'] });
  const blind = (options as { kind: string }).kind === 'blind';
  const [field, rule] = blind ? (['target', text] as const) : (['consultCall', anObject] as const);
  const codes = { target: 'BAD_TARGET' } as const;
  assertOptions(
    options,
    { [field]: rule },
    { name: `a ${blind ? 'blind' : 'attended'} transfer`, required: [field], codes },
  );
}

/** BAD_CONFIG. */
export function assertDecision(decision: unknown): void {
  const rules = { decision: oneOf(['accept', 'decline']) };
  assertOptions({ decision }, rules, { name: 'answerTransfer', required: ['decision'] });
}

/** BAD_CONFIG. */
export function assertWaitFor(event: unknown, options: unknown): void {
  assertOptions({ event }, { event: oneOf(WAIT_EVENTS) }, { name: 'waitFor', required: ['event'] });
  assertOptions(options, { timeout: seconds, signal: anObject }, { name: 'waitFor' });
}
