import { noCounts } from './counts';
import { MediaTimeline } from './media-timeline';
import { completeOptions } from './options';
import type { JitterBufferOptions } from './options';
import { PlayoutClock } from './playout-clock';
import { SequenceRun } from './sequence-run';
import { Slots, SlotState } from './slots';
import type { JitterBufferCounts, PlayoutPacket, PullOutcome, PutOutcome, RtpFields } from './types';

/** Late packets in a row that show a path with more delay instead of a few stragglers. */
const LATE_IN_A_ROW = 10;
/** After this long without audio the stream pauses: nothing is concealed until the next packet. */
const PAUSE_AFTER_MS = 1000;
/** Least length of one concealment, whatever a packet claims as its length. */
const LEAST_FILL_MS = 10;

/**
 * Jitter buffer: puts received packets in order and schedules their playout. Pure: time is passed in, nothing is
 * allocated after the constructor, and every packet is accounted for in exactly one way.
 *
 * The worker calls `put` for each packet and, on each tick of its wheel, `pull(deadline)` until it says `none`.
 * Packets are played by their timestamps, so the peer's packet time may differ from the tick and may change.
 * Passing the tick's nominal deadline rather than the time of the call keeps the playout even.
 */
export class JitterBuffer {
  readonly #off: boolean;
  readonly #slots: Slots;
  readonly #clock: PlayoutClock;
  readonly #timeline: MediaTimeline;
  readonly #run = new SequenceRun();
  readonly #leastFill: number;
  /** The packet that `pull` returned last; one object for all packets. */
  readonly current: PlayoutPacket;
  /** The packet that `lookBeyondGap` found. */
  readonly ahead: PlayoutPacket;
  readonly counts: JitterBufferCounts = noCounts();

  /** Extended numbers: where the run's numbering begins, and the next one to play. */
  #first = 0;
  #next = 0;
  #playing = false;
  /** Media time up to which audio was handed out. */
  #position = 0;
  /** Length of the last packet in RTP clock units, which one concealment covers. */
  #duration = 0;
  /** Length of the last `conceal` or `silence`, in RTP clock units. */
  #gap = 0;
  #lateInARow = 0;
  #lastAudioMs = 0;
  /** Sequence numbers passed over without audio since the last packet. */
  #missing = 0;

  /** @throws SipflowError BAD_CONFIG for values out of range. */
  constructor(options: JitterBufferOptions) {
    const complete = completeOptions(options);
    this.#off = complete.mode === 'off';
    this.#slots = new Slots(complete.slots, complete.slotBytes);
    this.#clock = new PlayoutClock(complete);
    this.#timeline = new MediaTimeline(this.#clock);
    this.#leastFill = (LEAST_FILL_MS * complete.clockRate) / 1000;
    this.current = this.#slots.emptyPacket();
    this.ahead = this.#slots.emptyPacket();
  }

  /** Delay in milliseconds that the buffer adds to the fastest packets; 0 when it is off. */
  get delayMs(): number {
    return this.#off ? 0 : this.#clock.delayMs;
  }

  /** Packets in the buffer. */
  get depth(): number {
    return this.#slots.audio;
  }

  /** Length of the last `conceal` or `silence`, in RTP clock units. */
  get gapUnits(): number {
    return this.#gap;
  }

  /**
   * Ends the stream and drops the waiting packets; the counts go on. For a new negotiation: a new SSRC or a jump of the
   * sequence numbers does it by itself.
   */
  reset(): void {
    this.counts.discarded += this.#slots.audio;
    this.counts.inTime -= this.#slots.audio;
    this.#slots.clearAll();
    this.#run.end();
    this.#first = 0;
    this.#playing = false;
  }

  /**
   * Takes in an audio packet.
   *
   * @param packet holds the payload at `header.payloadOffset`; it is copied.
   * @param durationUnits length of its audio in RTP clock units, above 0.
   * @param arrivalMs when it came, on the clock that `pull` uses.
   */
  put(packet: Uint8Array, header: RtpFields, durationUnits: number, arrivalMs: number): PutOutcome {
    const extended = this.#accept(header);
    if (extended < 0) return 'duplicate';
    this.#duration = durationUnits;
    const media = this.#off ? 0 : this.#mediaTime(extended, header, durationUnits, arrivalMs);
    if (extended < this.#next || this.#isLate(media, durationUnits, arrivalMs))
      return this.#dropLate(extended);
    this.#makeRoom(extended);
    if (this.#slots.slotBytes > 0 && header.payloadLength > this.#slots.slotBytes) {
      this.#slots.mark(extended, SlotState.Unusable);
      this.counts.discarded++;
      return 'discarded';
    }
    this.#slots.store(extended, media, durationUnits, header, packet);
    this.counts.inTime++;
    if (extended < this.#run.highest) this.counts.reordered++;
    return 'queued';
  }

  /** Takes note of a packet that is no audio (telephone events), so that its number is not missed. */
  putOther(header: RtpFields): void {
    const extended = this.#accept(header);
    if (extended < 0) return;
    this.counts.other++;
    if (extended < this.#next) {
      if (extended >= this.#first) this.counts.lost--;
      return;
    }
    this.#makeRoom(extended);
    this.#slots.mark(extended, SlotState.Other);
  }

  /**
   * Takes out what is to be played at `nowMs`; called again until it returns `none`.
   *
   * @param nowMs not before the one of the last call.
   */
  pull(nowMs: number): PullOutcome {
    const head = this.#slots.firstAudio(this.#next);
    if (this.#off) return head < 0 ? 'none' : this.#deliver(head, nowMs);
    if (!this.#playing) return head < 0 ? 'none' : this.#start(head, nowMs);
    if (!this.#clock.isDue(this.#position, nowMs)) return 'none';
    if (this.#clock.isOverdue(this.#position, nowMs, PAUSE_AFTER_MS)) return this.#catchUp(head, nowMs);
    if (head < 0) return this.#runDry(nowMs);
    const gap = this.#slots.media(head) - this.#position;
    const duration = this.#slots.duration(head);
    if (gap <= 0) return this.#deliver(head, nowMs);
    if (gap < duration / 2) {
      // Less than half a packet is not concealed: the playout position moves over it.
      this.#position += gap;
      return this.pull(nowMs);
    }
    return this.#fill(
      Math.min(gap, this.#fillUnits(duration)),
      this.#missing > 0 || this.#slots.hasHole(this.#next, head),
    );
  }

  /**
   * After `pull` said `conceal`: whether the packet right behind the gap is already there, and with it perhaps
   * forward error correction of the one that is missing. It is described in `ahead`.
   */
  lookBeyondGap(): boolean {
    const head = this.#slots.firstAudio(this.#next);
    if (head < 0) return false;
    const restUnits = this.#slots.media(head) - this.#position;
    if (restUnits >= this.#slots.duration(head) / 2) return false;
    this.#slots.describe(head, this.ahead);
    return true;
  }

  /** Extended sequence number of the packet, after a restart when it begins a new run; −1 for a duplicate. */
  #accept(header: RtpFields): number {
    const runGoesOn = this.#first > 0;
    const waiting = this.#slots.audio;
    const extended = this.#run.number(header.ssrc, header.sequence);
    if (extended < 0) {
      this.counts.duplicates++;
      return -1;
    }
    if (this.#run.began) {
      this.counts.discarded += waiting;
      this.counts.inTime -= waiting;
      if (runGoesOn) this.counts.restarts++;
      this.#slots.clearAll();
      this.#first = extended;
      this.#next = extended;
      this.#timeline.restart();
      this.#playing = false;
      this.#missing = 0;
      this.#lateInARow = 0;
    } else if (this.#next === this.#first && !this.#playing && extended < this.#first) {
      // Nothing was played yet, so the stream may as well begin with a packet that was overtaken.
      if (this.#run.highest - extended < this.#slots.count) {
        this.#first = extended;
        this.#next = extended;
      }
    }
    return extended;
  }

  /** Media time of the packet; the playout clock learns from it. */
  #mediaTime(extended: number, header: RtpFields, durationUnits: number, arrivalMs: number): number {
    const spurtBegins = !this.#playing || (header.marker && this.#slots.audio === 0);
    const media = this.#timeline.place(extended, header.timestamp, durationUnits, arrivalMs, spurtBegins);
    if (this.#timeline.jumped) this.counts.restarts++;
    return media;
  }

  /** Whether the packet is too late for playout. Ten late ones in a row move the playout position back to them. */
  #isLate(media: number, durationUnits: number, arrivalMs: number): boolean {
    if (!this.#playing || media + durationUnits / 2 >= this.#position) {
      this.#lateInARow = 0;
      return false;
    }
    this.#lateInARow++;
    if (this.#lateInARow < LATE_IN_A_ROW) return true;
    this.#lateInARow = 0;
    this.#clock.resynchronise(media, arrivalMs);
    this.#position = media;
    return false;
  }

  #dropLate(extended: number): PutOutcome {
    this.counts.late++;
    if (extended >= this.#next) {
      this.#makeRoom(extended);
      this.#slots.mark(extended, SlotState.Unusable);
    } else if (extended >= this.#first) {
      this.counts.lost--;
    }
    return 'late';
  }

  /** Passes over the oldest sequence numbers until this one has a slot. */
  #makeRoom(extended: number): void {
    while (extended - this.#next >= this.#slots.count) this.#pass();
  }

  /** Passes over the next sequence number without playing it. */
  #pass(): void {
    const state = this.#slots.state(this.#next);
    if (state !== SlotState.Other) this.#missing++;
    if (state === SlotState.Empty) this.counts.lost++;
    if (state === SlotState.Audio) {
      this.counts.discarded++;
      this.counts.inTime--;
    }
    this.#slots.clear(this.#next);
    this.#next++;
  }

  #start(head: number, nowMs: number): PullOutcome {
    if (!this.#clock.isDue(this.#slots.media(head), nowMs)) return 'none';
    this.#playing = true;
    return this.#deliver(head, nowMs);
  }

  #deliver(head: number, nowMs: number): PullOutcome {
    while (this.#next < head) this.#pass();
    const packet = this.current;
    this.#slots.describe(head, packet);
    packet.ssrc = this.#run.ssrc;
    packet.missingBefore = this.#missing;
    this.#missing = 0;
    this.#position = this.#slots.media(head) + packet.durationUnits;
    this.#lastAudioMs = nowMs;
    this.#slots.clear(head);
    this.#next = head + 1;
    return 'packet';
  }

  /** After a long time without `pull`: waiting packets are still handed out, but the time between is not concealed. */
  #catchUp(head: number, nowMs: number): PullOutcome {
    if (head >= 0) return this.#deliver(head, nowMs);
    this.#playing = false;
    return 'none';
  }

  /** Underrun: no packet waits although audio is due. */
  #runDry(nowMs: number): PullOutcome {
    if (nowMs - this.#lastAudioMs > PAUSE_AFTER_MS) {
      this.#playing = false;
      return 'none';
    }
    const highest = this.#run.highest;
    const isEvent = highest >= this.#next && this.#slots.state(highest) === SlotState.Other;
    return this.#fill(this.#fillUnits(this.#duration), !isEvent);
  }

  /** Length of one concealment: that of a packet, at least 10 ms. */
  #fillUnits(durationUnits: number): number {
    return Math.max(durationUnits, this.#leastFill);
  }

  #fill(units: number, isLoss: boolean): PullOutcome {
    this.#gap = units;
    this.#position += units;
    if (!isLoss) return 'silence';
    this.counts.concealed++;
    return 'conceal';
  }
}
