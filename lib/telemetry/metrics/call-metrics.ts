import type { CallInfo } from '../../calls';
import { Counter, Histogram, type Family, type Labels } from './family';

const DIRECTIONS = ['in', 'out'] as const;
/** How a call came out. A caller that gave up, on either side, has cancelled. */
export const OUTCOMES = [
  'answered',
  'busy',
  'cancelled',
  'failed',
  'no_answer',
  'redirected',
  'rejected',
] as const;

type Direction = (typeof DIRECTIONS)[number];
type Outcome = (typeof OUTCOMES)[number];

const BY_DIRECTION: readonly Labels[] = DIRECTIONS.map((direction) => ({ direction }));
const BY_OUTCOME: readonly Labels[] = DIRECTIONS.flatMap((direction) =>
  OUTCOMES.map((outcome) => ({ direction, outcome })),
);

/** Seconds; up to the usual limit of ringing. */
const SETUP_BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];
const DURATION_BOUNDS = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600];
/** Closest where users begin to notice (ITU-T G.107, annex B). */
const MOS_BOUNDS = [1, 2, 2.6, 3.1, 3.6, 4, 4.2, 4.3, 4.4, 4.5];
const LOSS_BOUNDS = [0, 0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1];
/** Seconds. */
const JITTER_BOUNDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5];

/** Counts calls as they begin and end. Holds no call, and no label is made of anything that a call says. */
export class CallMetrics {
  readonly #started = new Counter(
    { name: 'sipflow_calls_started', help: 'Calls that began, by direction.' },
    BY_DIRECTION,
  );
  readonly #ended = new Counter(
    { name: 'sipflow_calls', help: 'Calls that are over, by direction and outcome.' },
    BY_OUTCOME,
  );
  readonly #setup = new Histogram(
    {
      name: 'sipflow_call_setup_seconds',
      unit: 'seconds',
      help: 'Time from the INVITE to the answer, of calls that were answered.',
    },
    SETUP_BOUNDS,
    BY_DIRECTION,
  );
  readonly #duration = new Histogram(
    {
      name: 'sipflow_call_duration_seconds',
      unit: 'seconds',
      help: 'Time from the answer to the end, of calls that were answered.',
    },
    DURATION_BOUNDS,
    BY_DIRECTION,
  );
  readonly #mos = new Histogram(
    {
      name: 'sipflow_call_mos',
      help: 'Mean opinion score of the received audio of a call, 1 to 4.5 (ITU-T G.107).',
    },
    MOS_BOUNDS,
  );
  readonly #loss = new Histogram(
    {
      name: 'sipflow_call_loss_ratio',
      unit: 'ratio',
      help: 'Share of the RTP packets of a call that did not come, 0 to 1.',
    },
    LOSS_BOUNDS,
  );
  readonly #jitter = new Histogram(
    {
      name: 'sipflow_call_jitter_seconds',
      unit: 'seconds',
      help: 'Interarrival jitter (RFC 3550) at the end of a call.',
    },
    JITTER_BOUNDS,
  );
  readonly #deaf = new Counter({
    name: 'sipflow_calls_without_audio',
    help: 'Answered calls to which no RTP packet came.',
  });

  started(direction: Direction): void {
    this.#started.add(DIRECTIONS.indexOf(direction));
  }

  ended(info: CallInfo): void {
    const direction = DIRECTIONS.indexOf(info.direction);
    const outcome = outcomeOf(info);
    this.#ended.add(direction * OUTCOMES.length + OUTCOMES.indexOf(outcome));
    if (info.answeredAt === null) return;
    this.#setup.observe((Date.parse(info.answeredAt) - Date.parse(info.startedAt)) / 1000, direction);
    this.#duration.observe(info.durationMs / 1000, direction);
    this.#quality(info);
  }

  /** Calls that run, by direction. */
  running(): { labels: Labels; value: number }[] {
    return BY_DIRECTION.map((labels, direction) => {
      const over = OUTCOMES.reduce(
        (sum, _outcome, at) => sum + this.#ended.valueAt(direction * OUTCOMES.length + at),
        0,
      );
      return { labels, value: Math.max(0, this.#started.valueAt(direction) - over) };
    });
  }

  get families(): Family[] {
    return [
      this.#started,
      this.#ended,
      {
        name: 'sipflow_calls_running',
        type: 'gauge',
        help: 'Calls that run now, by direction.',
        samples: () => this.running().map((each) => ({ suffix: '', ...each })),
      },
      this.#setup,
      this.#duration,
      this.#mos,
      this.#loss,
      this.#jitter,
      this.#deaf,
    ];
  }

  #quality({ rtp, mos }: CallInfo): void {
    if (!rtp) return;
    const { received, sent } = rtp;
    if (received.packets === 0) {
      // Without real media nothing is sent either.
      if (sent.packets > 0) this.#deaf.add();
      return;
    }
    if (mos !== null) this.#mos.observe(mos);
    this.#loss.observe(received.lost / (received.packets + received.lost));
    this.#jitter.observe(received.jitterMs / 1000);
  }
}

/** How a call came out, by its answer, the status that it ended with, and who ended it. */
export function outcomeOf({
  answeredAt,
  status,
  endedBy,
}: Pick<CallInfo, 'answeredAt' | 'status' | 'endedBy'>): Outcome {
  if (answeredAt !== null) return 'answered';
  if (status === null || status < 300) return endedBy === 'error' ? 'failed' : 'cancelled';
  if (status < 400) return 'redirected';
  if (status === 486 || status === 600) return 'busy';
  if (status === 408 || status === 480) return 'no_answer';
  if (status === 487) return 'cancelled';
  return status >= 500 && status < 600 ? 'failed' : 'rejected';
}
