import type { CallInfo } from '../../calls';
import type { MediaSample } from '../types';
import type { AnyCall } from './conclusion';

/** Samples of a call; when there are more, every second one goes. */
const MOST_SAMPLES = 600;

/** What the received audio of one call was like over time. */
interface Watched {
  samples: MediaSample[];
  /** One of so many figures is kept. */
  stride: number;
  seen: number;
  packets: number;
  lost: number;
  leave: () => void;
}

/**
 * The received audio of the calls of an attempt over time. Phones tell their figures as often as their
 * `statisticsInterval` says; without one there are none.
 */
export class CallSeries {
  readonly #calls = new Map<string, Watched>();

  /** @param now milliseconds since the attempt began */
  constructor(private readonly now: () => number) {}

  watch(call: AnyCall): void {
    const watched: Watched = { samples: [], stride: 1, seen: 0, packets: 0, lost: 0, leave: () => undefined };
    watched.leave = call.on('statistics', (figures) => this.#add(watched, figures));
    this.#calls.set(call.id, watched);
  }

  /** What was told of a call, in order; undefined when nothing was. */
  of(id: string): MediaSample[] | undefined {
    const samples = this.#calls.get(id)?.samples;
    return samples && samples.length > 0 ? samples : undefined;
  }

  /** Watches a call no longer, or none of them. */
  leave(id?: string): void {
    for (const each of id === undefined ? [...this.#calls.keys()] : [id]) {
      this.#calls.get(each)?.leave();
      this.#calls.delete(each);
    }
  }

  #add(watched: Watched, { received, receivedLevelDbfs }: NonNullable<CallInfo['rtp']>): void {
    const packets = received.packets - watched.packets;
    const lost = received.lost - watched.lost;
    watched.seen += 1;
    if (watched.seen % watched.stride !== 0) return;
    Object.assign(watched, { packets: received.packets, lost: received.lost });
    watched.samples.push({
      atMs: Math.round(this.now()),
      jitterMs: received.jitterMs,
      // Since the sample before; a packet that comes late after all makes up for one that counted as lost.
      ...(packets + lost > 0 ? { lossPercent: (100 * Math.max(0, lost)) / (packets + lost) } : {}),
      ...(Number.isFinite(receivedLevelDbfs) ? { levelDbfs: receivedLevelDbfs } : {}),
    });
    if (watched.samples.length < MOST_SAMPLES) return;
    watched.samples = watched.samples.filter((_, index) => index % 2 === 1);
    watched.stride *= 2;
  }
}
