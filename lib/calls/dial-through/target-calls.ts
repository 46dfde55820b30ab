import { type Clock, SafeEmitter, SipflowError, toSipflowError } from '../../common';
import type { PlacedCall } from '../outgoing-call';
import { isOver } from '../state';
import type {
  BridgeReport,
  DialAttempt,
  DialThrough,
  DialThroughOptions,
  DialThroughOutcome,
  OutgoingCall,
  RunningBridge,
  SipReport,
} from '../types';
import { reasonIn } from './carried';
import { carryHold } from './carried-hold';
import { EarlyEar } from './early-ear';
import { bestFailure, TOO_MANY_HOPS, type TargetFailure } from './failure';
import type { FirstCall } from './first-call';
import { join } from './join';
import { ringbackOf } from './ringback';

/** For phones that ring in vain, so that they note no missed call (RFC 3326). */
const ELSEWHERE = { Reason: 'SIP;cause=200;text="Call completed elsewhere"' };

/** The target has hung up between its answer and the join. */
const GONE: SipReport = { event: 'failed', status: 480, reason: 'Temporarily Unavailable' };

/** Services that a dial-through needs of the phone that calls its targets. */
export interface DialThroughHost {
  readonly clock: Clock;
  /** Calls a target. Rejects with MAX_CALLS, RTP_PORTS_EXHAUSTED, TRANSPORT, INSTANCE_NOT_READY. */
  place(target: string): Promise<PlacedCall>;
}

interface Events {
  progress: [sip: SipReport, call: OutgoingCall];
}

/** The targets of a dial-through from the first call to the join, or to the failure of all. */
export class TargetCalls extends SafeEmitter<Events> implements DialThrough {
  readonly outcome: Promise<DialThroughOutcome>;
  #settle!: (outcome: DialThroughOutcome) => void;
  readonly #attempts: DialAttempt[] = [];
  /** Targets that are being called. */
  readonly #ringing = new Set<PlacedCall>();
  readonly #failures: TargetFailure[] = [];
  readonly #waiting: string[];
  readonly #ear: EarlyEar;
  #beginning = 0;
  /** A target has answered, or none will. */
  #over = false;
  #stopped = false;
  #joined: { unjoin(): void } | undefined;
  readonly #stopWatching: () => void;

  constructor(
    private readonly host: DialThroughHost,
    private readonly first: FirstCall,
    private readonly options: DialThroughOptions,
  ) {
    super();
    this.outcome = new Promise((resolve) => (this.#settle = resolve));
    this.#waiting = [...options.targets];
    this.#ear = new EarlyEar(first, ringbackOf(options));
    this.#stopWatching = first.call.on('ended', () => this.#firstEnded());
  }

  /** Calls the first target, or all of them. */
  start(): void {
    if (this.options.order === 'sequential') this.#next();
    else for (const target of this.#waiting.splice(0)) void this.#try(target);
  }

  /** The first call may not be handed on any further. */
  refuse(): void {
    void this.#fail(TOO_MANY_HOPS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#joined) return this.#joined.unjoin();
    this.#giveUp({ event: 'stopped' }, 'The dial-through was stopped before a target had answered.', {});
  }

  #next(): void {
    const target = this.#waiting.shift();
    if (target !== undefined) void this.#try(target);
    else if (this.#ringing.size + this.#beginning === 0) void this.#fail(bestFailure(this.#failures));
  }

  /** Calls one target; never rejects. */
  async #try(target: string): Promise<void> {
    const attempt: DialAttempt = { target, call: null, result: 'cancelled', status: null, reason: null };
    this.#attempts.push(attempt);
    this.#beginning += 1;
    try {
      const call = await this.host.place(target);
      attempt.call = call.ref;
      this.#ringing.add(call);
      call.on('progress', (sip) => this.#progressed(call, sip));
      // It may have been given up while its address was looked up.
      if (this.#over) void call.hangup();
      void call.outcome.then((outcome) => {
        if (outcome.kind === 'answered') void this.#answered(call, attempt, outcome.sip);
        else this.#failed(attempt, outcome, call);
      });
    } catch (error) {
      const failure = toSipflowError(error).toFailure();
      queueMicrotask(() => this.#failed(attempt, { sip: { event: 'failed' }, failure }));
    } finally {
      this.#beginning -= 1;
    }
  }

  #progressed(call: PlacedCall, sip: SipReport): void {
    if (this.#over) return;
    if (sip.status === 180) this.first.ring();
    if (sip.event === 'early-media') this.#ear.offer(call);
    if (sip.event === 'ringing') this.#ear.ring(call);
    if (sip.event === 'retry') this.#ear.lose(call);
    this.emit('progress', sip, call);
  }

  #failed(attempt: DialAttempt, failed: TargetFailure, call?: PlacedCall): void {
    if (call) {
      this.#ringing.delete(call);
      this.#ear.lose(call);
    }
    if (this.#over) return;
    const { sip, failure } = failed;
    attempt.result = 'failed';
    attempt.status = sip.status ?? null;
    attempt.reason = sip.reason ?? failure.message;
    this.#failures.push({ sip, failure });
    this.#next();
  }

  async #answered(call: PlacedCall, attempt: DialAttempt, sip: SipReport): Promise<void> {
    this.#ringing.delete(call);
    // Its 200 has crossed the end.
    if (this.#over) return call.hangup({ headers: ELSEWHERE });
    this.#over = true;
    attempt.result = 'answered';
    attempt.status = sip.status ?? null;
    attempt.reason = sip.reason ?? null;
    this.#cancelRinging(ELSEWHERE);
    let bridge: RunningBridge;
    try {
      bridge = await unlessOver(call, this.#join(call));
    } catch (error) {
      const sip = isOver(call.state) ? GONE : { event: 'failed' };
      void call.hangup({ headers: reasonIn(this.first.call.lastSip.headers) });
      return this.#fail({ sip, failure: toSipflowError(error).toFailure() });
    }
    this.#release();
    this.#settle({
      kind: 'joined',
      call,
      sip,
      attempts: this.#report(),
      finished: this.#carry(call, bridge),
    });
  }

  async #join(call: PlacedCall): Promise<RunningBridge> {
    return join(this.first, call, await this.#ear.of(call));
  }

  /** From now on the end of either call ends the other one, and who is held is told so. */
  async #carry(call: PlacedCall, bridge: RunningBridge): Promise<BridgeReport> {
    const { clock } = this.host;
    const began = clock.now();
    const pairs = [
      [this.first.call, call],
      [call, this.first.call],
    ] as const;
    const stops = pairs.map(([one, other]) => {
      const carry = (): void => void other.hangup({ headers: reasonIn(one.lastSip.headers) });
      if (isOver(one.state)) carry();
      return one.on('ended', carry);
    });
    const stopHolds = carryHold(this.first.call, call);
    this.#joined = {
      unjoin: () => {
        for (const stop of stops) stop();
        stopHolds();
        bridge.stop();
      },
    };
    if (this.#stopped) this.#joined.unjoin();
    const report = await bridge.finished;
    return { ...report, durationMs: Math.round(clock.now() - began) };
  }

  #firstEnded(): void {
    const { lastSip } = this.first.call;
    this.#giveUp(lastSip, 'The first call ended before it was joined.', reasonIn(lastSip.headers));
  }

  /** Nobody waits for an answer any longer: targets that ring are cancelled. */
  #giveUp(sip: SipReport, message: string, headers: { Reason?: string }): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelRinging(headers);
    this.#ear.close();
    this.#release();
    const failure = new SipflowError('CALL_ENDED', message).toFailure();
    this.#settle({ kind: 'failed', sip, failure, attempts: this.#report() });
  }

  /** No target can be joined. */
  async #fail({ sip, failure }: TargetFailure): Promise<void> {
    this.#over = true;
    this.#ear.close();
    this.#release();
    if (this.options.onFailure !== 'keep') {
      await this.first.refuse(sip, reasonIn(sip.headers));
    }
    this.#settle({ kind: 'failed', sip, failure, attempts: this.#report() });
  }

  #cancelRinging(headers: { Reason?: string }): void {
    for (const call of [...this.#ringing]) void call.hangup({ headers });
  }

  #release(): void {
    this.#stopWatching();
    this.first.release();
  }

  #report(): DialAttempt[] {
    return this.#attempts.map((attempt) => ({ ...attempt }));
  }
}

/** The result, unless the call ends first; what comes later then ends with the call. */
async function unlessOver<T>(call: PlacedCall, result: Promise<T>): Promise<T> {
  let stop = (): void => undefined;
  const over = new Promise<never>((_, reject) => {
    stop = call.on('ended', () =>
      reject(new SipflowError('CALL_ENDED', 'The target hung up before it was joined.')),
    );
  });
  try {
    return await Promise.race([result, over]);
  } finally {
    stop();
  }
}
