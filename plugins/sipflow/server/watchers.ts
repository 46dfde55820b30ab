import type { NodeAPI } from 'node-red';
import type { Call, Phone } from '../../../lib/calls';
import { TurnoverMap } from '../../../lib/common';
import { processTests } from '../../../lib/testing';
import { phoneNodes } from './phone-nodes';
import { bodyText, type Routes } from './routes';

/** Topic of the ticks. They reach every open editor, whatever its user may see, so they say nothing but that. */
export const TOPIC = 'sipflow/changed';
/** How long a sidebar counts as open since it said so; it says so again every 20 s. */
const LEASE_MS = 60_000;
/** Least time between two ticks. */
const PAUSE_MS = 500;
/** Sidebars that can be open at the same time; further ones take the place of the one that was heard of first. */
const MOST_SIDEBARS = 200;

/**
 * Tells the editors that something has changed, as long as a sidebar is open somewhere. While none is, phones are not
 * listened to and nothing is sent.
 */
export class Watchers {
  /** Ids of the open sidebars, and when they were heard of. */
  readonly #open = new TurnoverMap<string, number>();
  /** Ends the listening to phones and tests; absent while nobody watches. */
  #stop: (() => void) | undefined;
  #pause: NodeJS.Timeout | undefined;
  #lease: NodeJS.Timeout | undefined;
  #changed = false;

  constructor(private readonly RED: NodeAPI) {}

  serve(routes: Routes): void {
    routes.tell('open', ({ body }) => this.open(bodyText(body, 'sidebar')));
    routes.tell('close', ({ body }) => this.close(bodyText(body, 'sidebar')));
  }

  /** A sidebar is open, or still is. */
  open(sidebar: string): void {
    this.#open.delete(sidebar);
    this.#open.set(sidebar, performance.now());
    if (this.#open.size > MOST_SIDEBARS) this.#open.delete(this.#open.first()?.[0] ?? '');
    this.#stop ??= this.#listen();
    this.#awaitLease();
  }

  close(sidebar: string): void {
    this.#open.delete(sidebar);
    if (this.#open.size === 0) this.#rest();
  }

  /** Something that a sidebar shows is not as it was. */
  readonly changed = (): void => {
    if (!this.#stop) return;
    this.#changed = true;
    if (!this.#pause) this.#tick();
  };

  #tick(): void {
    this.#pause = undefined;
    if (!this.#changed) return;
    this.#changed = false;
    this.RED.comms.publish(TOPIC, {}, false);
    this.#pause = setTimeout(() => this.#tick(), PAUSE_MS).unref();
  }

  /** Forgets sidebars that were closed without a word, with their browser. */
  #awaitLease(): void {
    clearTimeout(this.#lease);
    const [sidebar, heard] = this.#open.first() ?? ['', 0];
    const left = Math.max(0, heard + LEASE_MS - performance.now());
    this.#lease = setTimeout(() => {
      this.#open.delete(sidebar);
      if (this.#open.size === 0) this.#rest();
      else this.#awaitLease();
    }, left).unref();
  }

  #rest(): void {
    clearTimeout(this.#lease);
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#changed = false;
    this.#stop?.();
    this.#stop = undefined;
  }

  #listen(): () => void {
    let stopPhones = this.#listenToPhones();
    const deployed = (): void => {
      stopPhones();
      stopPhones = this.#listenToPhones();
      this.changed();
    };
    const { events } = this.RED;
    events.on('flows:started', deployed);
    events.on('flows:stopped', this.changed);
    const stops = [
      ...(['cases', 'begun', 'step', 'attempt', 'verdict'] as const).map((event) =>
        processTests.on(event, this.changed),
      ),
      processTests.results.on('changed', this.changed),
    ];
    return () => {
      stopPhones();
      for (const stop of stops) stop();
      events.off('flows:started', deployed);
      events.off('flows:stopped', this.changed);
    };
  }

  #listenToPhones(): () => void {
    const stops = phoneNodes(this.RED).flatMap(({ engine }) =>
      engine
        ? [
            ...(['state', 'registration', 'calls'] as const).map((event) => engine.on(event, this.changed)),
            // Not `callEvent`: with a listener of that a phone treats requests outside of calls with more effort.
            followCalls(engine, this.changed),
          ]
        : [],
    );
    return () => {
      for (const stop of stops) stop();
    };
  }
}

/** Events of a call after which it is shown in another way. */
const SHOWN = ['progress', 'mediaReady', 'answered', 'held', 'resumed', 'replaced', 'digit'] as const;

/** Hears what happens to the calls of a phone, those that stand already too, until the returned function is called. */
function followCalls(phone: Phone, changed: () => void): () => void {
  const followed = new TurnoverMap<Call, (() => void)[]>();
  const follow = (call: Call): void => {
    followed.set(
      call,
      SHOWN.map((event) => call.on(event, changed)),
    );
    call.on('ended', () => followed.delete(call));
  };
  for (const call of phone.calls) follow(call);
  const stop = phone.on('call', follow);
  return () => {
    stop();
    for (const stops of followed.values()) for (const each of stops) each();
    followed.clear();
  };
}
