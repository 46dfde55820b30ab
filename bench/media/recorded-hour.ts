/**
 * A long recording of a peer whose clock runs at another rate than ours, with the time that passes made up:
 * `node --require tsx/cjs bench/media/recorded-hour.ts` prints JSON. The peer sends a tone and, every ten seconds, a click; we
 * send a click when the peer's should come. Recorded in stereo, the file then shows holes, overlaps and steps in the
 * tone, and the skew between the two sides.
 */
import type { FileEvent } from '../../lib/media/files/protocol';
import type { RecordChannels } from '../../lib/media';
import type { FileClient } from '../../lib/media/worker/file-client';
import { ReceiveTimeline } from '../../lib/media/worker/receive/receive-timeline';
import { Recorder } from '../../lib/media/worker/record/recorder';
import { Tape } from '../../lib/media/worker/record/tape';

const RATE = 8000;
const PTIME_MS = 20;
const FRAME = 160;
const AMPLITUDE = 8000;
/** Of 440 Hz: 11 whole waves. */
const PERIOD = 200;
const TONE = Int16Array.from({ length: PERIOD }, (_, index) =>
  Math.round(AMPLITUDE * Math.sin((2 * Math.PI * 11 * index) / PERIOD)),
);
/** The largest second difference of the tone is 955; anything that is much more is a click to hear. */
const SMOOTH = 1100;
const CLICK = 32_000;
const CLICK_EVERY = 500;
/** Position of the click in its frame, where stretching does not change it. */
const CLICK_AT = 2;
/** Zeros in a row that are a hole and no zero crossing. */
const HOLE = 4;

/** Behaviour of the peer and of its path. */
export interface Peer {
  /** By how much its clock is slower than ours; negative: faster. */
  ppm: number;
  seconds: number;
  channels?: RecordChannels;
  /** Delay of a packet above that of the fastest, ms. */
  jitterMs?: (index: number) => number;
  /** Packets that are not sent or get lost. */
  isMissing?: (index: number) => boolean;
  /** Packets with which another stream begins, which has its own timestamps. */
  restarts?: (index: number) => boolean;
}

/** Figures of the recorded file. */
export interface Recorded {
  /** Runs of silence, and their length in sum. */
  holes: number;
  holesMs: number;
  /** Samples of received audio that were written where there was some already. */
  overwritten: number;
  /** Steps in the tone that can be heard, those at holes left out. */
  steps: number;
  /** Skew between the clicks of both sides: the first one, the one in the middle, the last one, and the largest. */
  skewMs: { start: number; middle: number; end: number; most: number };
  seconds: number;
  cpuMs: number;
}

/** Reads the frames of a recording as they are written. */
class Listener {
  holes = 0;
  zeros = 0;
  steps = 0;
  frames = 0;
  readonly left: number[] = [];
  readonly right: number[] = [];
  #run = 0;
  #before = 0;
  #beforeThat = 0;
  /** Samples left that are not checked for steps: those next to a click or hole. */
  #blind = 3;
  /** Samples until a step counts, unless a hole begins there. */
  #suspect = 0;

  constructor(private readonly channels: RecordChannels) {}

  hear(samples: Int16Array): void {
    const stereo = this.channels === 'stereo';
    for (let index = 0; index < samples.length; index += stereo ? 2 : 1) {
      const isClick = samples[index] > CLICK / 2;
      if (isClick) this.left.push(this.frames);
      if (stereo && samples[index + 1] > CLICK / 2) this.right.push(this.frames);
      this.#sample(samples[index], isClick);
      this.frames++;
    }
  }

  #sample(sample: number, isClick: boolean): void {
    this.#run = sample === 0 ? this.#run + 1 : 0;
    if (this.#run === HOLE) {
      this.holes++;
      this.zeros += HOLE - 1;
      this.#suspect = 0;
    }
    if (this.#suspect > 0 && --this.#suspect === 0) this.steps++;
    if (this.#run >= HOLE) this.zeros++;
    if (isClick || this.#run >= HOLE) this.#blind = 3;
    else if (this.#blind > 0) this.#blind--;
    else if (Math.abs(sample - 2 * this.#before + this.#beforeThat) > SMOOTH) {
      this.#suspect ||= HOLE + 1;
    }
    this.#beforeThat = this.#before;
    this.#before = sample;
  }
}

/** File client whose recordings go to the listener instead of a file. */
function heardBy(listener: Listener): FileClient {
  let tell: (event: FileEvent) => void = () => undefined;
  const files = {
    create(_request: unknown, handler: (event: FileEvent) => void): number {
      tell = handler;
      return 1;
    },
    write(id: number, _silence: number, data: ArrayBuffer): void {
      listener.hear(new Int16Array(data));
      tell({ type: 'written', id, bytes: data.byteLength });
    },
    finish: () => undefined,
  };
  return files as unknown as FileClient;
}

/** Counts the samples that tapes write twice, until the function that it returns is called. */
function countOverwritten(): () => number {
  const writeReceived: (this: Tape, pcm: Int16Array, count: number, position: number) => void = Reflect.get(
    Tape.prototype,
    'writeReceived',
  );
  const written = new Int32Array(1 << 16).fill(-1);
  let twice = 0;
  Tape.prototype.writeReceived = function (pcm: Int16Array, count: number, position: number): void {
    for (let at = position; at < position + count; at++) {
      if (written[at & (written.length - 1)] === at) twice++;
      written[at & (written.length - 1)] = at;
    }
    writeReceived.call(this, pcm, count, position);
  };
  return () => {
    Tape.prototype.writeReceived = writeReceived;
    return twice;
  };
}

/** Records that peer. */
export function record(peer: Peer): Recorded {
  const overwritten = countOverwritten();
  const { ppm, seconds, channels = 'stereo', jitterMs = () => 0, isMissing, restarts } = peer;
  const listener = new Listener(channels);
  const ignore = { started: () => undefined, finished: () => undefined, failed: () => undefined };
  const recorder = new Recorder(heardBy(listener), { file: '/x', channels }, RATE, 0, ignore, 1);
  const timeline = new ReceiveTimeline();
  const frame = new Int16Array(FRAME);
  const click = new Int16Array(FRAME);
  click[CLICK_AT] = CLICK;
  const began = process.cpuUsage();
  const count = Math.floor((seconds * 1000) / PTIME_MS);
  const packets = Array.from({ length: count }, (_, index) => index).filter((index) => !isMissing?.(index));
  const sentAt = (index: number): number => PTIME_MS * index * (1 + ppm / 1e6);
  const arrivals = new Map(packets.map((index) => [index, sentAt(index) + jitterMs(index)]));
  if (peer.jitterMs) packets.sort((a, b) => (arrivals.get(a) ?? 0) - (arrivals.get(b) ?? 0));
  let tick = 0;
  let base = 0;
  let toClick = CLICK_EVERY;
  for (const index of packets) {
    const arrivalMs = arrivals.get(index) ?? 0;
    for (; tick <= arrivalMs; tick += PTIME_MS) recorder.tick(tick);
    while (sentAt(toClick) <= arrivalMs) {
      if (channels === 'stereo' && !isMissing?.(toClick))
        recorder.writeSent(click, FRAME, RATE, sentAt(toClick));
      toClick += CLICK_EVERY;
    }
    if (restarts?.(index)) {
      timeline.restart();
      base += 1_000_000;
    }
    const arrival = Math.round((arrivalMs * RATE) / 1000);
    const place = timeline.place((FRAME * index + base) | 0, arrival, RATE, RATE);
    for (let sample = 0; sample < FRAME; sample++) frame[sample] = TONE[(FRAME * index + sample) % PERIOD];
    if (index > 0 && index % CLICK_EVERY === 0) frame[CLICK_AT] = CLICK;
    recorder.writeReceived(frame, FRAME, RATE, place, arrival, timeline.restarted);
  }
  recorder.stop('stopped', tick);
  const cpu = process.cpuUsage(began);
  const skews = listener.right.flatMap((at) => {
    const near = listener.left.filter((other) => Math.abs(other - at) < RATE);
    return near.length === 0 ? [] : [(Math.min(...near.map((other) => Math.abs(other - at))) * 1000) / RATE];
  });
  return {
    holes: listener.holes,
    holesMs: (listener.zeros * 1000) / RATE,
    overwritten: overwritten(),
    steps: listener.steps,
    skewMs: {
      start: skews[0] ?? NaN,
      middle: skews[skews.length >> 1] ?? NaN,
      end: skews.at(-1) ?? NaN,
      most: Math.max(...skews),
    },
    seconds: listener.frames / RATE,
    cpuMs: (cpu.user + cpu.system) / 1000,
  };
}

if (require.main === module) {
  const figures = [-100, 100].map((ppm) => [`${ppm} ppm`, record({ ppm, seconds: 3600 })]);
  console.log(JSON.stringify(Object.fromEntries(figures)));
}
