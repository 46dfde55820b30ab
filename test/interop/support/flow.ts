import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallInfo, CallRef, DialOptions, DtmfResult, Failure, SipReport } from '../../../lib/calls';
import type { FlowMessage } from '../../../nodes/shared/flow-types';
import { Bench, callOf, catchAll, phone, type FlowNode } from '../../nodes/support/bench';
import { readWav } from '../../nodes/support/wav';
import { CERTIFICATE, PRIVATE_KEY } from './asterisk';
import { OWN_RTP_PORTS } from '../../support/ports';
import { undisturbed } from '../../support/stall-watch';
import { eventually } from './peer-process';
import { assertHeard, assertTone, isPartlyHeard, SWEEP, SWEEP_FILE, writeSweep } from './sound';

/** Patience for what a peer does after a while, on a machine that others load. */
export const PATIENCE_MS = 40000;

/** A phone of the flow. Its fields are those of `sip-instance`. */
export interface Account {
  user: string;
  password?: string;
  fields: Record<string, unknown>;
  /** Whether its calls go straight to the answer node. */
  answers?: boolean;
}

export interface DialResult {
  how: 'answered' | 'failed';
  call: CallRef;
  sip: SipReport;
  failure?: Failure;
}

/** Trusts the peers' certificate; the second one also shows it. */
const TLS_ID = 'authority';
export const OWN_CERTIFICATE = 'own-certificate';
const TLS_FIELDS = { type: 'tls-config', cert: '', key: '', ca: '', servername: '', verifyservercert: true };

/** Who a call says that it comes from. */
type Caller = Pick<DialOptions, 'from' | 'fromName' | 'privacy'>;

/**
 * A flow that runs in Node-RED: phones, and one node of every kind that acts on a call. What a test does, it
 * does by messages into these nodes, and what it knows, it knows from their outputs.
 */
export class Flow {
  readonly bench = new Bench();

  private constructor() {}

  static async open(...accounts: Account[]): Promise<Flow> {
    const flow = new Flow();
    writeSweep(flow.bench.userDir);
    const authority = readFileSync(CERTIFICATE, 'utf8');
    const own = { cadata: authority, certdata: authority, keydata: readFileSync(PRIVATE_KEY, 'utf8') };
    const credentials: Record<string, object> = {
      [TLS_ID]: { cadata: authority },
      [OWN_CERTIFICATE]: own,
    };
    for (const { user, password } of accounts) {
      if (password !== undefined) credentials[`phone${user}`] = { password };
    }
    await flow.bench.loadWith(
      credentials,
      { ...TLS_FIELDS, id: TLS_ID },
      { ...TLS_FIELDS, id: OWN_CERTIFICATE },
      ...accounts.flatMap(phoneNodes),
      ...CALL_NODES,
      catchAll,
    );
    return flow;
  }

  close(): Promise<void> {
    return this.bench.close();
  }

  next(collector: string): Promise<FlowMessage> {
    return this.bench.next(collector, PATIENCE_MS);
  }

  /** Waits until the phone's registration is in the given state, and returns what is said of it. */
  async registration(user: string, state = 'registered'): Promise<Record<string, unknown>> {
    for (;;) {
      const { payload } = await this.next(`registrations-${user}`);
      const { registration } = payload as { registration: Record<string, unknown> };
      if (registration.state === state) return registration;
    }
  }

  /** Begins a call; its progress, answer or failure arrive at collectors. */
  startDial(user: string, target: string, caller: Caller = {}): void {
    this.bench.send(`dial-${user}`, { target, ...caller });
  }

  /** Calls and waits for the outcome. */
  async dial(user: string, target: string, caller: Caller = {}): Promise<DialResult> {
    this.startDial(user, target, caller);
    return this.outcome(user);
  }

  /** How a call that was begun turned out. */
  async outcome(user: string): Promise<DialResult> {
    const msg = await this.next(`outcome-${user}`);
    const { failure, sip } = msg as unknown as { failure?: Failure; sip: SipReport };
    const facts = { call: callOf(msg), sip };
    return failure ? { how: 'failed', ...facts, failure } : { how: 'answered', ...facts };
  }

  /** Calls and fails unless it is answered. */
  async connect(user: string, target: string): Promise<CallRef> {
    const { how, call, sip } = await this.dial(user, target);
    if (how === 'failed') throw new Error(`${target} was not answered: ${JSON.stringify(sip)}`);
    return call;
  }

  /** The next ringing or early-media report of a call that the phone makes. */
  async progress(user: string): Promise<{ call: CallRef; sip: SipReport }> {
    const msg = await this.next(`progress-${user}`);
    return { call: callOf(msg), sip: msg.sip as SipReport };
  }

  /** The next call that comes in at the phone. */
  async incoming(user: string): Promise<CallRef> {
    return (await this.announced(user)).call;
  }

  /** The same, with what its INVITE says. */
  async announced(user: string): Promise<{ call: CallRef; sip: SipReport }> {
    const msg = await this.next(`incoming-${user}`);
    return { call: callOf(msg), sip: msg.sip as SipReport };
  }

  async answer(call: CallRef): Promise<void> {
    this.bench.send('answer', { call });
    await this.next('picked-up');
  }

  /** The next call that a phone with `answers` has answered. */
  async pickedUp(): Promise<CallRef> {
    return callOf(await this.next('picked-up'));
  }

  async reject(call: CallRef, statusCode: number, contact = ''): Promise<void> {
    this.bench.send('reject', { call, statusCode, contact });
    await this.next('rejected');
  }

  /** Has a phone call a target on behalf of a call. */
  startThrough(user: string, call: CallRef, target: string): void {
    this.bench.send(`through-${user}`, { call, target });
  }

  /** How that went: both are joined, or they are not. */
  async throughOutcome(how: 'joined' | 'not-joined'): Promise<SipReport> {
    return (await this.next(how)).sip as SipReport;
  }

  /** Plays the sweep, or another source, to its end. */
  async play(call: CallRef, source = SWEEP_FILE): Promise<void> {
    this.bench.send('play', { call, source });
    await this.next('played');
  }

  /** Records what the peer says, from the moment when this resolves until the returned function is called. */
  async record(call: CallRef): Promise<() => Promise<Int16Array>> {
    this.bench.send('record', { call });
    await this.next('recording');
    return async () => {
      const info = await this.info(call);
      if (info.state !== 'ended') this.bench.send('record', { call, action: 'stop' });
      return (await this.recorded()).samples;
    };
  }

  /** What the next finished recording holds at 8 kHz, whose it is, and why it failed when it did. */
  async recorded(): Promise<{ call: CallRef; samples: Int16Array; failure?: Failure }> {
    const msg = await this.next('recorded');
    const { recording, failure } = msg as unknown as { recording: { file: string }; failure?: Failure };
    const { rate, channels } = readWav(recording.file);
    if (rate !== 8000 && rate !== 16000) throw new Error(`the recording has ${rate} samples per second`);
    // The sweep has nothing above 3 kHz, so that every second sample may be left out.
    const samples = (channels[0] ?? []).filter((_, n) => n % (rate / 8000) === 0);
    const heard = Int16Array.from(samples, (sample) => Math.round(sample * 32768));
    return { call: callOf(msg), samples: heard, ...(failure ? { failure } : {}) };
  }

  /** The next report that a peer of the phone has fallen silent. */
  async silence(user: string): Promise<CallRef> {
    return callOf(await this.next(`silences-${user}`));
  }

  /** Lets the caller hear something before the call is answered. */
  async playEarly(call: CallRef, source = SWEEP_FILE): Promise<void> {
    this.bench.send('early', { call, source });
    await this.next('early-played');
  }

  /**
   * Plays the sweep at one end of a call and fails unless it is heard at the other, which is the same end when the
   * peer echoes.
   */
  assertHears(listener: CallRef, talker = listener): Promise<void> {
    return undisturbed(async () => assertHeard(await this.#played(listener, talker), SWEEP));
  }

  /**
   * The same after a peer said that it has joined two calls: it passes their audio some time later, and what is
   * played before is lost. As soon as something comes through, all must.
   */
  async assertComesToHear(listener: CallRef, talker = listener): Promise<void> {
    const passes = async (): Promise<true | undefined> =>
      isPartlyHeard(await this.#played(listener, talker), SWEEP) ? true : undefined;
    await eventually('the peer to pass audio', passes);
    await this.assertHears(listener, talker);
  }

  /** What one end of a call hears while the sweep is played at the other. */
  async #played(listener: CallRef, talker: CallRef): Promise<Int16Array> {
    const finish = await this.record(listener);
    await this.play(talker);
    return finish();
  }

  /**
   * Makes calls at the same time, plays a tone of its own in each, and fails unless each is heard alone.
   *
   * @param answering phone that answers and plays; without it the calls go to an echo
   */
  async assertHearsTones(user: string, target: string, count: number, answering?: string): Promise<void> {
    for (let n = 0; n < count; n++) this.startDial(user, target);
    const talkers: CallRef[] = [];
    for (let n = 0; answering !== undefined && n < count; n++) {
      const call = await this.incoming(answering);
      await this.answer(call);
      talkers.push(call);
    }
    const calls: CallRef[] = [];
    for (let n = 0; n < count; n++) {
      const { how, call, sip } = await this.outcome(user);
      if (how === 'failed') throw new Error(`call ${n} was not answered: ${JSON.stringify(sip)}`);
      calls.push(call);
    }
    const tone = (n: number): number => 400 + 25 * n;
    for (const call of calls) await this.record(call);
    const order = (call: CallRef): number => calls.findIndex(({ callId }) => callId === call.callId);
    for (const call of answering === undefined ? calls : talkers) {
      this.bench.send('play', { call, source: `tone:${tone(order(call))}` });
    }
    for (let n = 0; n < count; n++) await this.next('playing');
    await delay(3000);
    for (const call of calls) await this.hangup(call);
    const recordings = new Map<string, Int16Array>();
    for (let n = 0; n < count; n++) {
      const { call, samples } = await this.recorded();
      recordings.set(call.id, samples);
    }
    calls.forEach(({ id }, n) => assertTone(recordings.get(id) ?? new Int16Array(), tone(n), `call ${n}`));
  }

  /** Presses keys and waits until they are out. */
  async press(call: CallRef, digits: string): Promise<void> {
    this.bench.send('press', { call, digits });
    await this.next('pressed');
  }

  /** Gives the peer's scenario a sign by an INFO request. */
  async sign(call: CallRef): Promise<void> {
    this.bench.send('press-info', { call, digits: '1' });
    await this.next('pressed');
  }

  /** Collects keys until there are `count` of them, or the time-out of the node passes. */
  async gather(call: CallRef, count: number): Promise<DtmfResult> {
    this.bench.send('gather', { call, count });
    return (await this.next('gathered')).dtmf as DtmfResult;
  }

  /** Puts the peer on hold or takes it back, and returns the final status. */
  async hold(call: CallRef, action: 'hold' | 'resume'): Promise<number> {
    this.bench.send(action, { call });
    return ((await this.next('held')).sip as SipReport).status ?? 0;
  }

  /** Sends the other side to a number, or connects it with that of a consultation call. */
  async transfer(call: CallRef, to: { target: string } | { consultation: CallRef }): Promise<SipReport> {
    this.bench.send('target' in to ? 'transfer-blind' : 'transfer-attended', { call, ...to });
    return (await this.next('transferred')).sip as SipReport;
  }

  /** Waits for an event of a call, such as `held`. */
  async wait(call: CallRef, event: 'held' | 'resumed' | 'ended'): Promise<SipReport> {
    this.bench.send(`wait-${event}`, { call });
    return (await this.next(`happened-${event}`)).sip as SipReport;
  }

  async info(call: CallRef): Promise<CallInfo> {
    this.bench.send('info', { call });
    return (await this.next('informed')).callInfo as CallInfo;
  }

  async hangup(call: CallRef): Promise<void> {
    this.bench.send('hangup', { call });
    await this.next('hung-up');
  }
}

function phoneNodes({ user, fields, answers = false }: Account): FlowNode[] {
  const instance = `phone${user}`;
  return [
    phone(user, {
      ...{ mode: 'network', bindAddress: '127.0.0.1', port: '0', tls: TLS_ID, ...OWN_RTP_PORTS },
      ...fields,
    }),
    {
      id: `dial-${user}`,
      type: 'sip-make-call',
      instance,
      target: 'target',
      targetType: 'msg',
      ...{ from: 'from', fromType: 'msg', fromName: 'fromName', fromNameType: 'msg' },
      ...{ privacy: 'privacy', privacyType: 'msg' },
      wires: [[`outcome-${user}`], [`progress-${user}`], [`outcome-${user}`]],
    },
    {
      id: `ring-${user}`,
      type: 'sip-incoming-call',
      instance,
      wires: [answers ? ['answer'] : [`incoming-${user}`]],
    },
    {
      ...{ id: `through-${user}`, type: 'sip-dial', instance, target: 'target', targetType: 'msg' },
      wires: [['parted'], ['not-joined'], ['joined']],
    },
    {
      id: `news-${user}`,
      type: 'sip-call-events',
      instance,
      events: ['registration'],
      wires: [[`registrations-${user}`]],
    },
    {
      id: `quiet-${user}`,
      type: 'sip-call-events',
      instance,
      events: ['rtp-timeout'],
      wires: [[`silences-${user}`]],
    },
  ];
}

const CALL_NODES: readonly FlowNode[] = [
  { id: 'answer', type: 'sip-answer', wires: [['picked-up'], ['picked-up']] },
  {
    id: 'confer',
    type: 'sip-conference',
    room: 'room',
    roomType: 'msg',
    wires: [['left'], ['not-conferring'], ['conferring']],
  },
  {
    id: 'reject',
    type: 'sip-reject',
    statusCode: 'statusCode',
    statusCodeType: 'msg',
    contact: 'contact',
    contactType: 'msg',
    wires: [['rejected']],
  },
  {
    id: 'early',
    type: 'sip-early-media',
    source: 'source',
    sourceType: 'msg',
    wires: [['early-played'], ['early-played'], []],
  },
  {
    id: 'play',
    type: 'sip-play-audio',
    source: 'source',
    sourceType: 'msg',
    wires: [['played'], ['played'], ['played'], ['playing']],
  },
  {
    id: 'record',
    type: 'sip-record',
    file: '{{call}}.wav',
    channels: 'received',
    wires: [['recorded'], ['recorded'], ['recording']],
  },
  {
    id: 'press',
    type: 'sip-send-dtmf',
    digits: 'digits',
    digitsType: 'msg',
    wires: [['pressed'], ['pressed']],
  },
  {
    id: 'press-info',
    type: 'sip-send-dtmf',
    digits: 'digits',
    digitsType: 'msg',
    method: 'info',
    wires: [['pressed'], ['pressed']],
  },
  {
    id: 'gather',
    type: 'sip-receive-dtmf',
    mode: 'gather',
    maxDigits: 'count',
    maxDigitsType: 'msg',
    terminator: '',
    firstDigitTimeout: '20',
    interDigitTimeout: '10',
    wires: [['gathered'], ['gathered'], ['gathered'], ['gathered']],
  },
  { id: 'hold', type: 'sip-hold', action: 'hold', wires: [['held'], ['held']] },
  { id: 'resume', type: 'sip-hold', action: 'resume', wires: [['held'], ['held']] },
  ...(['held', 'resumed', 'ended'] as const).map((event) => ({
    id: `wait-${event}`,
    type: 'sip-wait',
    event,
    // Longer than anybody waits for its output, so that its time-out is not taken for the event.
    timeout: '100',
    wires: [[`happened-${event}`], [`happened-${event}`], [`happened-${event}`]],
  })),
  {
    id: 'transfer-blind',
    type: 'sip-transfer',
    kind: 'blind',
    target: 'target',
    targetType: 'msg',
    wires: [['transferred'], [], ['transferred']],
  },
  {
    id: 'transfer-attended',
    type: 'sip-transfer',
    kind: 'attended',
    consultCall: 'consultation',
    consultCallType: 'msg',
    wires: [['transferred'], [], ['transferred']],
  },
  { id: 'info', type: 'sip-call-info', wires: [['informed']] },
  { id: 'hangup', type: 'sip-hangup', wires: [['hung-up']] },
];
