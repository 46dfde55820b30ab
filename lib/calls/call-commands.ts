import { SafeEmitter } from '../common';
import type { SipDialog } from '../sip';
import type { CallDigits } from './digits/call-digits';
import type { CallMedia } from './media/call-media';
import {
  assertCallRequest,
  assertDecision,
  assertGather,
  assertHold,
  assertListen,
  assertMenu,
  assertPlay,
  assertRecord,
  assertSendDigits,
  assertStreamDigits,
  assertTransfer,
} from './option-rules';
import type { CallPeer } from './peer/call-peer';
import type { EndCause } from './peer/leg';
import { unlessEnded } from './time-limit';
import type {
  CallEvents,
  CallRecording,
  CallRequestOptions,
  CallState,
  DigitEvent,
  DtmfResult,
  ExtraHeaders,
  GatherOptions,
  HoldOutcome,
  ListenOptions,
  ListenReport,
  MenuOptions,
  MenuResult,
  PlaybackReport,
  PlayOptions,
  RecordingReport,
  RecordOptions,
  RequestOutcome,
  Running,
  SendDigitsOptions,
  SipReport,
  TransferOptions,
  TransferOutcome,
} from './types';

/**
 * What a flow has a call do, on its audio and toward its peer. Each command checks its options, and that the call stands,
 * before it asks the part that does it.
 */
export abstract class CallCommands extends SafeEmitter<CallEvents> {
  abstract readonly state: CallState;
  /** The dialog of the call; undefined before the answer. */
  abstract readonly dialog: SipDialog | undefined;
  protected abstract readonly media: CallMedia;
  protected abstract readonly digits: CallDigits;
  protected abstract readonly peer: CallPeer;

  /** Ends the call, see `BaseCall`. */
  abstract end(cause: EndCause, sip: SipReport, options: { notifyPeer: boolean }): Promise<void>;

  /** Notes the last report of signalling, and returns it. */
  abstract note(sip: SipReport): SipReport;

  /** @throws SipflowError CALL_ENDED */
  protected abstract assertLive(): void;

  get receivedDigits(): readonly DigitEvent[] {
    return this.digits.all;
  }

  get mediaStartedAt(): number | undefined {
    return this.media.startedAt;
  }

  get recordings(): readonly CallRecording[] {
    return this.media.recordings;
  }

  async play(options: PlayOptions): Promise<Running<PlaybackReport>> {
    assertPlay(options);
    this.assertLive();
    return this.media.play(options);
  }

  async record(options: RecordOptions): Promise<Running<RecordingReport>> {
    assertRecord(options);
    this.assertLive();
    return this.media.record(options);
  }

  async sendDigits(options: SendDigitsOptions): Promise<{ method: DigitEvent['method'] }> {
    assertSendDigits(options);
    this.assertLive();
    return this.digits.send(options, () => this.dialog);
  }

  async gather(options: GatherOptions): Promise<DtmfResult> {
    assertGather(options);
    this.assertLive();
    return this.digits.gather(options);
  }

  async listen(options: ListenOptions): Promise<ListenReport> {
    assertListen(options);
    this.assertLive();
    return this.media.listen(options);
  }

  async menu(options: MenuOptions): Promise<MenuResult> {
    assertMenu(options);
    this.assertLive();
    return this.digits.menu(options);
  }

  streamDigits(
    options: { flush?: boolean; methods?: DigitEvent['method'][] },
    onDigit: (digit: DigitEvent) => void,
    onEnd: () => void,
  ): () => void {
    assertStreamDigits(options, onDigit, onEnd);
    this.assertLive();
    return this.digits.stream(options, onDigit, onEnd);
  }

  async hold(action: 'hold' | 'resume', options: { headers?: ExtraHeaders } = {}): Promise<HoldOutcome> {
    assertHold(action, options);
    this.assertLive();
    const outcome = await this.peer.hold(action, options);
    if (outcome.kind === 'done') this.note(outcome.sip);
    return outcome;
  }

  async request(options: CallRequestOptions): Promise<RequestOutcome> {
    assertCallRequest(options);
    this.assertLive();
    return unlessEnded(this, this.peer.request(options));
  }

  async transfer(options: TransferOptions): Promise<TransferOutcome> {
    assertTransfer(options);
    this.assertLive();
    const outcome = await this.peer.transfer(options);
    this.note(outcome.sip);
    if (outcome.kind === 'transferred') {
      await this.end({ by: 'local' }, outcome.sip, { notifyPeer: true });
    }
    return outcome;
  }

  async answerTransfer(decision: 'accept' | 'decline'): Promise<TransferOutcome> {
    assertDecision(decision);
    this.assertLive();
    return this.peer.answerTransfer(decision);
  }
}
