import { BufferCells, COUNT } from './buffer-cells';
import { jumped, placeMedia, restartTimeline } from './media-timeline';
import { completeOptions } from './options';
import type { JitterBufferOptions } from './options';
import { delayOf, isDue, isOverdue, resynchronise, setUpClock } from './playout-clock';
import { began, endRun, highestOf, numberOf, ssrcOf } from './sequence-run';
import { cellsOfSlots, Slots, SlotState } from './slots';
import type { PlayoutPacket, PullOutcome, PutOutcome, RtpFields } from './types';

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
export class JitterBuffer extends BufferCells {
  readonly #slots: Slots;
  readonly #off: boolean;
  /** Least length of a concealment in RTP clock units. */
  readonly #leastFill: number;

  /** @throws SipflowError BAD_CONFIG for values out of range. */
  constructor(options: JitterBufferOptions) {
    const complete = completeOptions(options);
    super(cellsOfSlots(complete.slots));
    this.#off = complete.mode === 'off';
    this.#slots = new Slots(complete.slots, complete.slotBytes, this.slotsAt);
    this.#leastFill = (LEAST_FILL_MS * complete.clockRate) / 1000;
    setUpClock(this.clock, complete);
    restartTimeline(this.timeline);
  }

  /** The packet that `pull` returned last; one object for all buffers of the thread. */
  get current(): PlayoutPacket {
    return this.#slots.current;
  }

  /** The packet that `lookBeyondGap` found; likewise. */
  get ahead(): PlayoutPacket {
    return this.#slots.ahead;
  }

  /** Delay in milliseconds that the buffer adds to the fastest packets; 0 when it is off. */
  get delayMs(): number {
    return this.#off ? 0 : delayOf(this.clock);
  }

  /** Packets in the buffer. */
  get depth(): number {
    return this.#slots.audio;
  }

  /**
   * Ends the stream and drops the waiting packets; the counts go on. For a new negotiation: a new SSRC or a jump of the
   * sequence numbers does it by itself.
   */
  reset(): void {
    this.count(COUNT.discarded, this.#slots.audio);
    this.count(COUNT.inTime, -this.#slots.audio);
    this.#slots.clearAll();
    endRun(this.run);
    this.first = 0;
    this.playing = false;
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
    this.lastDuration = durationUnits;
    const media = this.#off ? 0 : this.#mediaTime(extended, header, durationUnits, arrivalMs);
    if (extended < this.next || this.#isLate(media, durationUnits, arrivalMs))
      return this.#dropLate(extended);
    this.#makeRoom(extended);
    if (this.#slots.slotBytes > 0 && header.payloadLength > this.#slots.slotBytes) {
      this.#slots.mark(extended, SlotState.Unusable);
      this.count(COUNT.discarded);
      return 'discarded';
    }
    this.#slots.store(extended, media, durationUnits, header, packet);
    this.count(COUNT.inTime);
    if (extended < highestOf(this.run)) this.count(COUNT.reordered);
    return 'queued';
  }

  /** Takes note of a packet that is no audio (telephone events), so that its number is not missed. */
  putOther(header: RtpFields): void {
    const extended = this.#accept(header);
    if (extended < 0) return;
    this.count(COUNT.other);
    if (extended < this.next) {
      if (extended >= this.first) this.count(COUNT.lost, -1);
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
    const head = this.#slots.firstAudio(this.next);
    if (this.#off) return head < 0 ? 'none' : this.#deliver(head, nowMs);
    if (!this.playing) return head < 0 ? 'none' : this.#start(head, nowMs);
    const position = this.position;
    if (!isDue(this.clock, position, nowMs)) return 'none';
    if (isOverdue(this.clock, position, nowMs, PAUSE_AFTER_MS)) return this.#catchUp(head, nowMs);
    if (head < 0) return this.#runDry(nowMs);
    const gap = this.#slots.media(head) - position;
    if (gap <= 0) return this.#deliver(head, nowMs);
    const duration = this.#slots.duration(head);
    if (gap < duration / 2) {
      // Less than half a packet is not concealed: the playout position moves over it.
      this.position = position + gap;
      return this.pull(nowMs);
    }
    return this.#fill(
      Math.min(gap, this.#fillUnits(duration)),
      this.missing > 0 || this.#slots.hasHole(this.next, head),
    );
  }

  /**
   * After `pull` said `conceal`: whether the packet right behind the gap is already there, and with it perhaps
   * forward error correction of the one that is missing. It is described in `ahead`.
   */
  lookBeyondGap(): boolean {
    const head = this.#slots.firstAudio(this.next);
    if (head < 0) return false;
    const restUnits = this.#slots.media(head) - this.position;
    if (restUnits >= this.#slots.duration(head) / 2) return false;
    this.#slots.describe(head, this.ahead);
    return true;
  }

  /** Extended sequence number of the packet, after a restart when it begins a new run; −1 for a duplicate. */
  #accept(header: RtpFields): number {
    const runGoesOn = this.first > 0;
    const waiting = this.#slots.audio;
    const extended = numberOf(this.run, header.ssrc, header.sequence);
    if (extended < 0) {
      this.count(COUNT.duplicates);
      return -1;
    }
    if (began(this.run)) {
      this.count(COUNT.discarded, waiting);
      this.count(COUNT.inTime, -waiting);
      if (runGoesOn) this.count(COUNT.restarts);
      this.#slots.clearAll();
      this.first = extended;
      this.next = extended;
      restartTimeline(this.timeline);
      this.playing = false;
      this.missing = 0;
      this.lateInARow = 0;
    } else if (this.next === this.first && !this.playing && extended < this.first) {
      // Nothing was played yet, so the stream may as well begin with a packet that was overtaken.
      if (highestOf(this.run) - extended < this.#slots.count) {
        this.first = extended;
        this.next = extended;
      }
    }
    return extended;
  }

  /** Media time of the packet; the playout clock learns from it. */
  #mediaTime(extended: number, header: RtpFields, durationUnits: number, arrivalMs: number): number {
    const spurtBegins = !this.playing || (header.marker && this.#slots.audio === 0);
    const media = placeMedia(
      this.timeline,
      this.clock,
      extended,
      header.timestamp,
      durationUnits,
      arrivalMs,
      spurtBegins,
    );
    if (jumped(this.timeline)) this.count(COUNT.restarts);
    return media;
  }

  /** Whether the packet is too late for playout. Ten late ones in a row move the playout position back to them. */
  #isLate(media: number, durationUnits: number, arrivalMs: number): boolean {
    if (!this.playing || media + durationUnits / 2 >= this.position) {
      this.lateInARow = 0;
      return false;
    }
    this.lateInARow++;
    if (this.lateInARow < LATE_IN_A_ROW) return true;
    this.lateInARow = 0;
    resynchronise(this.clock, media, arrivalMs);
    this.position = media;
    return false;
  }

  #dropLate(extended: number): PutOutcome {
    this.count(COUNT.late);
    if (extended >= this.next) {
      this.#makeRoom(extended);
      this.#slots.mark(extended, SlotState.Unusable);
    } else if (extended >= this.first) {
      this.count(COUNT.lost, -1);
    }
    return 'late';
  }

  /** Passes over the oldest sequence numbers until this one has a slot. */
  #makeRoom(extended: number): void {
    while (extended - this.next >= this.#slots.count) this.#pass();
  }

  /** Passes over the next sequence number without playing it. */
  #pass(): void {
    const state = this.#slots.state(this.next);
    if (state !== SlotState.Other) this.missing++;
    if (state === SlotState.Empty) this.count(COUNT.lost);
    if (state === SlotState.Audio) {
      this.count(COUNT.discarded);
      this.count(COUNT.inTime, -1);
    }
    this.#slots.clear(this.next);
    this.next++;
  }

  #start(head: number, nowMs: number): PullOutcome {
    if (!isDue(this.clock, this.#slots.media(head), nowMs)) return 'none';
    this.playing = true;
    return this.#deliver(head, nowMs);
  }

  #deliver(head: number, nowMs: number): PullOutcome {
    while (this.next < head) this.#pass();
    const packet = this.#slots.current;
    this.#slots.describe(head, packet);
    packet.ssrc = ssrcOf(this.run);
    packet.missingBefore = this.missing;
    this.missing = 0;
    this.position = this.#slots.media(head) + packet.durationUnits;
    this.lastAudioMs = nowMs;
    this.#slots.clear(head);
    this.next = head + 1;
    return 'packet';
  }

  /** After a long time without `pull`: waiting packets are still handed out, but the time between is not concealed. */
  #catchUp(head: number, nowMs: number): PullOutcome {
    if (head >= 0) return this.#deliver(head, nowMs);
    this.playing = false;
    return 'none';
  }

  /** Underrun: no packet waits although audio is due. */
  #runDry(nowMs: number): PullOutcome {
    if (nowMs - this.lastAudioMs > PAUSE_AFTER_MS) {
      this.playing = false;
      return 'none';
    }
    const highest = highestOf(this.run);
    const isEvent = highest >= this.next && this.#slots.state(highest) === SlotState.Other;
    return this.#fill(this.#fillUnits(this.lastDuration), !isEvent);
  }

  /** Length of one concealment: that of a packet, at least 10 ms. */
  #fillUnits(durationUnits: number): number {
    return Math.max(durationUnits, this.#leastFill);
  }

  #fill(units: number, isLoss: boolean): PullOutcome {
    this.gapUnits = units;
    this.position += units;
    if (!isLoss) return 'silence';
    this.count(COUNT.concealed);
    return 'conceal';
  }
}
