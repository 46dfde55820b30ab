import { DEFAULTS, SafeEmitter, SipflowError, toSipflowError, TurnoverSet } from '../../common';
import { codecPreference } from '../../sdp';
import {
  createEndpoint,
  type IncomingInvite,
  type IncomingRequest,
  type SipDialog,
  type SipEndpoint,
} from '../../sip';
import type { MessageRecord, TracedMessage } from '../../trace';
import { soundOf } from '../media/audio-source';
import { endpointOptions, negotiationOptions } from './options';
import type { BaseCall } from '../call';
import type { CallContext } from '../call-context';
import { reportCallEvent } from '../report/call-event';
import { ReceivedCall } from '../incoming-call';
import type { PlacedCall } from '../outgoing-call';
import { validatePhone } from './validate';
import { WireView } from './wire-view';
import { CallRoom } from './call-room';
import { PhoneTargets } from './phone-targets';
import { PhoneTrace } from './phone-trace';
import type { MediaLease } from './media-lease';
import { MediaStun } from '../peer/media-stun';
import { prepareCall, type OnBehalf } from './prepare-call';
import { checkRingback, ringbackOf } from '../dial-through/ringback';
import { dialThrough } from '../dial-through/start';
import { Reception, type Handler } from './reception';
import {
  assertAnswerRequest,
  assertDial,
  assertDialThrough,
  assertOnCall,
  assertPhoneRequest,
  assertSubscribe,
} from '../option-rules';
import { PhoneRequests } from './phone-requests';
import { registrationAdvice } from '../report/sip-report';
import { textMessage } from '../report/text-message';
import type {
  AudioInfo,
  AudioSource,
  Call,
  CallInfo,
  DialOptions,
  DialThrough,
  DialThroughOptions,
  IncomingCall,
  IncomingListener,
  IncomingOptions,
  Phone,
  PhoneEvents,
  OutgoingCall,
  PhoneOptions,
  PhoneRequestOptions,
  PhoneState,
  RegistrationReport,
  PhoneSubscription,
  RequestAnswer,
  RequestOutcome,
  SubscribeRequest,
} from '../types';
import type { Surroundings } from '../world';

/** Time limit of closing, and the least part of it for the endpoint, which takes its registration back. */
const CLOSE_LIMIT_MS = 3000;
const LEAST_CLOSE_MS = 500;
/** One phone or trunk: its SIP endpoint, its calls, and who in the flow receives them. */
export class SipPhone extends SafeEmitter<PhoneEvents> implements Phone {
  readonly #calls = new TurnoverSet<BaseCall>();
  readonly #reception = new Reception((problem) => this.emit('warning', problem));
  readonly #trace = new PhoneTrace();
  readonly #wire = new WireView((peer) => this.#endpoint?.ownAddress(peer) ?? '');
  readonly #requests: PhoneRequests;
  readonly #targets: PhoneTargets;
  #state: PhoneState = 'stopped';
  #endpoint: SipEndpoint | undefined;
  #lease: MediaLease | undefined;
  #stun: MediaStun | undefined;
  /** Context that the calls share; made with the first call. */
  #context: CallContext | undefined;
  readonly #room: CallRoom;
  #leaveDirectory: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    readonly options: PhoneOptions,
    private readonly world: Surroundings,
  ) {
    super();
    this.#room = new CallRoom(options.maxCalls);
    const endpoint = (): SipEndpoint => this.#ready().endpoint;
    const targets = new PhoneTargets(options, world.directory, endpoint);
    this.#targets = targets;
    this.#requests = new PhoneRequests({
      clock: world.clock,
      route: (target) => targets.route(target),
      endpoint,
    });
  }

  get id(): string {
    return this.options.id;
  }

  get state(): PhoneState {
    return this.#state;
  }

  get callCount(): number {
    return this.#calls.size;
  }

  get calls(): readonly (IncomingCall | OutgoingCall)[] {
    return [...this.#calls].map((call) => this.world.registry.own(call));
  }

  get address(): { address: string; port: number } | undefined {
    return this.#state === 'ready' ? this.#endpoint?.localAddress : undefined;
  }

  get registration(): RegistrationReport | undefined {
    return this.#endpoint?.registration;
  }

  get rtpPairs(): { free: number; all: number } {
    const { rtpPortMin: portMin, rtpPortMax: portMax } = this.options;
    return this.world.portRoom({ portMin, portMax });
  }

  async start(): Promise<void> {
    if (this.#state !== 'stopped') return;
    this.#setState('starting');
    try {
      validatePhone(this.options);
      this.#lease = this.world.leaseMedia();
      await this.#openEndpoint();
      // A phone that was closed meanwhile would keep its number for ever.
      if (!this.#closing) this.#enterDirectory();
    } catch (error) {
      const fault = toSipflowError(error, 'TRANSPORT');
      await this.#giveBack();
      if (!this.#closing) this.#setState('failed', fault);
      throw fault;
    }
    if (!this.#closing) this.#setState('ready');
  }

  dial(target: string | DialOptions): Promise<OutgoingCall> {
    return this.#place(typeof target === 'string' ? { target } : target);
  }

  async dialThrough(first: Call, options: DialThroughOptions): Promise<DialThrough> {
    assertDialThrough(options);
    const { context } = this.#ready();
    const ringback = ringbackOf(options);
    if (ringback !== undefined && first.state === 'answered') {
      await checkRingback(ringback, (source) => this.probe(source));
    }
    const place = (target: DialOptions, onBehalf: OnBehalf): Promise<PlacedCall> =>
      this.#place(target, onBehalf);
    return dialThrough(context, place, context.own(first), options);
  }

  async #place(options: DialOptions, onBehalf?: OnBehalf): Promise<PlacedCall> {
    assertDial(options);
    const { endpoint, context } = this.#ready();
    if (this.#closing) throw this.#notReady();
    this.#room.assert(this.#calls.size);
    const { call, refusal } = prepareCall(options, context, endpoint.uri, onBehalf);
    this.#adopt(call);
    if (refusal) await call.refuse(refusal.status, refusal.reason, refusal.diagnosis);
    else await call.start(endpoint);
    return call;
  }

  onCall(listener: IncomingListener, options: IncomingOptions = {}): () => void {
    assertOnCall(listener, options);
    return this.#reception.add(listener, options);
  }

  async register(): Promise<RegistrationReport> {
    return this.#ready().endpoint.register();
  }

  async unregister(): Promise<void> {
    return this.#ready().endpoint.unregister();
  }

  async request(options: PhoneRequestOptions): Promise<RequestOutcome> {
    assertPhoneRequest(options);
    return this.#requests.send(options);
  }

  subscribe(options: SubscribeRequest): PhoneSubscription {
    assertSubscribe(options);
    return this.#requests.subscribe(options);
  }

  answerRequest(id: string, answer: RequestAnswer): boolean {
    assertAnswerRequest(answer);
    return this.#requests.answer(id, answer);
  }

  allowCalls(calls: number): () => void {
    return this.#room.allow(calls);
  }

  async probe(source: AudioSource): Promise<AudioInfo> {
    const engine = this.#lease?.engine;
    if (!engine) throw this.#notReady();
    const { speech } = this.world;
    return engine.probe(await soundOf(source, { audioDir: this.options.audioDir, speech }));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#leaveDirectory?.();
    const began = this.world.clock.now();
    await Promise.all([...this.#calls].map((call) => call.hangup()));
    // Open transactions have had their time for an end; the endpoint does not get the whole limit once more.
    await this.#giveBack(Math.max(LEAST_CLOSE_MS, CLOSE_LIMIT_MS - (this.world.clock.now() - began)));
    this.#setState('closed');
    this.removeAllListeners();
  }

  async #openEndpoint(): Promise<void> {
    const { stunServer, advertisedAddress, bindAddress } = this.options;
    if (stunServer && !advertisedAddress) {
      const warn = (problem: SipflowError): void => this.emit('warning', problem);
      this.#stun = new MediaStun(stunServer, bindAddress, this.world.clock, warn);
    }
    const endpoint = createEndpoint(
      endpointOptions(this.options, () => this.world.certificate()),
      {
        clock: this.world.clock,
        trace: (record) => this.#onWireMessage(record),
        refuseCall: (calledUser) => {
          const taker = this.#taker(calledUser);
          return 'status' in taker ? taker : undefined;
        },
        hearsRequests: () => this.listenerCount('request') + this.listenerCount('callEvent') > 0,
        ...(this.options.mode === 'simulation' && {
          isFriend: (peer) => this.world.directory.has(peer),
        }),
      },
    );
    endpoint.on('invite', (invite) => this.#onInvite(invite));
    endpoint.on('request', (incoming) => this.#onRequest(incoming));
    // Without an answer to SIP, the RTP ports need not ask: they would make each call wait.
    endpoint.on('warning', (problem, about) => {
      if (about === 'public address') this.#stun?.rest();
      this.emit('warning', problem);
    });
    endpoint.on('registration', (report) => this.emit('registration', report));
    endpoint.on('transportFailed', (error) => this.#onTransportFailed(error));
    this.#endpoint = endpoint;
    await endpoint.start();
  }

  #enterDirectory(): void {
    if (this.options.mode !== 'simulation' || !this.#endpoint) return;
    this.#leaveDirectory = this.world.directory.register({
      dn: this.options.number,
      phoneId: this.options.id,
      address: this.#endpoint.localAddress,
      codecs: codecPreference(this.options.codecs, { pcmuFallback: false }),
    });
  }

  /** Releases sockets, workers and the directory entry, as far as they were taken. */
  async #giveBack(endpointLimitMs = CLOSE_LIMIT_MS): Promise<void> {
    this.#leaveDirectory?.();
    await this.#endpoint?.close(endpointLimitMs);
    await this.#lease?.release();
  }

  #onInvite(invite: IncomingInvite): void {
    if (invite.replaces) return this.#takeOver(invite, invite.replaces.dialog);
    const handler = this.#taker(invite.calledUser);
    if ('status' in handler) return invite.reject(handler);
    const call = new ReceivedCall(this.#ready().context, invite);
    this.#adopt(call);
    const {
      ring = true,
      noAnswerTimeout = DEFAULTS.noAnswerTimeout,
      noAnswerStatus = DEFAULTS.noAnswerStatus,
    } = handler.options;
    call.ring({ ring, timeout: noAnswerTimeout, status: noAnswerStatus });
    this.#reception.handOver(call, handler.listener);
  }

  #onRequest(incoming: IncomingRequest): void {
    const { request, defer } = this.#requests.received(incoming);
    this.emit('request', request, defer);
    const event = request.method.toLowerCase();
    const message = event === 'message' ? { message: textMessage(incoming.request) } : {};
    this.emit('callEvent', { event, request, ...message });
  }

  /** Handler for a call to that number, or the status of the refusal when there is none. */
  #taker(calledUser: string): Handler | { status: number } {
    if (this.#closing) return { status: 480 };
    return this.#reception.find(calledUser, this.#calls.size >= this.#room.maxCalls);
  }

  /**
   * Takes an INVITE with Replaces for a dialog of one of our calls, which goes on under its id. An untrusted sender may
   * do so only where every transfer is followed: an eavesdropper must not be able to take a call (RFC 3891, 7).
   */
  #takeOver(invite: IncomingInvite, dialog: SipDialog): void {
    const call = [...this.#calls].find((each) => each.owns(dialog));
    if (!call) invite.reject({ status: 481 });
    else if (invite.trusted || this.options.transferPolicy === 'auto') call.takeOver(invite);
    else invite.reject({ status: 403 });
  }

  #adopt(call: ReceivedCall | PlacedCall): void {
    this.#calls.add(call);
    this.world.registry.add(call);
    this.emit('calls', this.#calls.size);
    this.emit('call', call);
    const event = call.direction === 'in' ? 'incoming' : 'outgoing';
    if (this.listenerCount('callEvent') > 0) {
      const sip = event === 'incoming' ? { ...call.lastSip, sdp: call.sdp } : call.lastSip;
      this.emit('callEvent', { event, call: call.ref, sip });
    }
  }

  #onCallEnded(call: BaseCall, info: CallInfo): void {
    this.#calls.delete(call);
    const { callIds } = call;
    const trace = (): TracedMessage[] => this.#trace.messages(callIds);
    this.world.registry.bury(call.ref, info, { trace, capture: call.captureLater() }, call);
    this.emit('calls', this.#calls.size);
    this.emit('callEnded', info, call.ref);
  }

  #onWireMessage(record: MessageRecord): void {
    const callId = this.#trace.record(record);
    if (callId === undefined || this.listenerCount('wireMessage') === 0) return;
    this.emit('wireMessage', this.#wire.message(record, callId));
  }

  #onTransportFailed(error: Error): void {
    const failure = { code: 'TRANSPORT' as const, message: `The SIP socket failed: ${error.message}` };
    for (const call of [...this.#calls]) void call.fail(failure);
    this.#setState('failed', new SipflowError('TRANSPORT', failure.message, { cause: error }));
  }

  #ready(): { endpoint: SipEndpoint; context: CallContext } {
    if (this.#state !== 'ready' || !this.#endpoint || !this.#lease) throw this.#notReady();
    this.#context ??= {
      clock: this.world.clock,
      engine: this.#lease.engine,
      speech: this.world.speech,
      phone: this.options,
      negotiation: negotiationOptions(
        this.options,
        this.#stun,
        () => this.world.remembersAudio,
        () => this.listenerCount('rtcp') > 0,
      ),
      ownUri: this.#endpoint.uri,
      route: (target) => this.#targets.route(target),
      invite: (options) => this.#targets.invite(options),
      addressToward: (target) => this.#targets.addressToward(target),
      own: (call) => this.world.registry.own(call),
      isOwn: (uri) => this.#endpoint?.isOwn(uri) === true,
      trace: (callIds) => this.#trace.messages(callIds),
      captureTrace: (callIds) => this.#trace.captured(callIds),
      registrationAdvice: (status) =>
        registrationAdvice(status, this.options.registrar, this.#endpoint?.registration),
      onEnded: (call, info) => this.#onCallEnded(call, info),
      onRtcp: (callId, packet) => this.emit('rtcp', this.#wire.rtcp(packet, callId)),
      hearsEvents: () => this.listenerCount('callEvent') > 0,
      onEvent: (call, ...event) => this.emit('callEvent', reportCallEvent(call, event)),
    };
    return { endpoint: this.#endpoint, context: this.#context };
  }

  #notReady(): SipflowError {
    return new SipflowError(
      'INSTANCE_NOT_READY',
      `The SIP phone ${this.options.name || this.options.number} is ${this.#state}, so it can make no call. Look at its status and at the log for the reason.`,
    );
  }

  #setState(state: PhoneState, error?: Error): void {
    this.#state = state;
    this.emit('state', state, error);
  }
}
