import { isAbsolute } from 'node:path';
import {
  anObject,
  assertOptions,
  type Clock,
  number,
  type Rule,
  type Rules,
  shape,
  SipflowError,
  whole,
} from '../common';
import {
  createMediaEngine,
  isArgument,
  MediaMeters,
  PortPool,
  Speech,
  type MediaEngine,
  type MediaLoad,
  type SpeechSettings,
} from '../media';
import { SimulationDirectory } from './target/directory';
import { createSelfSigned, sipClock, type SelfSigned, type SipClock, type TimerSettings } from '../sip';
import type { ReceivedCall } from './incoming-call';
import type { PlacedCall } from './outgoing-call';
import { CallConference } from './media/conference';
import { SipPhone } from './phone/phone';
import { SharedMediaEngine, type MediaLease } from './phone/media-lease';
import { completePhone, type PhoneSettings } from './phone/settings';
import { CallRegistry } from './registry';
import type { CallLookup, Conference, Phone } from './types';

/** Options of `createWorld`. */
export interface WorldOptions {
  /** Clock of the signalling; the system's when absent. */
  clock?: Clock;
  /** SIP timers, milliseconds; those of RFC 3261 (or of `SIPFLOW_T1_MS` …) when absent. */
  timers?: Partial<TimerSettings>;
  /**
   * A media engine of the caller's own, which the world does not close; `createNullMediaEngine()` makes phones for
   * signalling only.
   */
  engine?: MediaEngine;
  /** Threads that send and receive RTP: 1 to 32; by the number of cores when absent. */
  mediaWorkers?: number;
  /** Absolute folder of the `sipflow:` sounds; those of the package when absent. */
  soundsDir?: string;
  /** What says `say:` sources; by the environment, else espeak-ng, when absent. */
  speech?: SpeechSettings;
}

/** Parts of its world that a phone uses. */
export interface Surroundings {
  readonly clock: SipClock;
  readonly registry: CallRegistry<ReceivedCall | PlacedCall>;
  readonly directory: SimulationDirectory;
  readonly speech: Speech;
  leaseMedia(): MediaLease;
  /** Pairs of RTP and RTCP ports of a range that are free, and all of it. */
  portRoom(range: { portMin: number; portMax: number }): { free: number; all: number };
  /** Whether calls that begin now keep their received audio. */
  readonly remembersAudio: boolean;
  /** The throw-away certificate that the simulated phones of this world trust, made when it is first asked for. */
  certificate(): SelfSigned;
}

/** Load of the media of a world. Of an `engine` of the caller's own nothing is known. */
export interface WorldLoad extends MediaLoad {
  /** RTP ports in use, each with the RTCP port above it. */
  rtpPorts: number;
}

/**
 * Shared resources of the phones of one program: the calls by their ids, the numbers of the simulated phones, the
 * threads and ports of media, and the clock. Worlds are independent of each other.
 */
export interface World {
  /** The calls of this world, by CallRef or id: live ones, and ended ones for five minutes. */
  readonly calls: CallLookup;
  /**
   * A phone or trunk; nothing is bound before its `start`.
   *
   * @throws SipflowError BAD_CONFIG naming the setting, CALL_STATE when the world is closed
   */
  phone(settings: PhoneSettings): Phone;
  /** An empty conference for calls of this world. */
  conference(): Conference;
  /**
   * Calls whose media begins from now on keep the last 30 s of what they receive (480 kB each, 64 MB for each media thread),
   * so that `call.listen` can look back with `since`. The returned function takes that back; calls that keep it go on.
   */
  rememberAudio(): () => void;
  /** What its media use now, and how punctual they have been. Costs no message to their threads. */
  load(): WorldLoad;
  /**
   * Says a text: the WAV of a `say:` source, which everything that plays takes too.
   *
   * @throws SipflowError (as rejection) BAD_AUDIO for what is no text to say, NO_VOICE when nothing speaks here,
   *   SPEECH_FAILED when what speaks fails
   */
  say(source: string): Promise<Uint8Array>;
  /** Closes every phone, and with them all calls, sockets, threads and timers. Within 3 s. Idempotent. */
  close(): Promise<void>;
}

const absolutePath: Rule = (value) =>
  typeof value === 'string' && isAbsolute(value) ? undefined : 'an absolute path';
const command: Rule = (value) =>
  Array.isArray(value) && value.length > 0 && value.every(isArgument) && value[0] !== ''
    ? undefined
    : 'a list of a program and its arguments';

const WORLD: Rules<WorldOptions> = {
  clock: anObject,
  timers: shape({ t1: number(1), t2: number(1), t4: number(1) }),
  engine: anObject,
  mediaWorkers: whole(1, 32),
  soundsDir: absolutePath,
  speech: shape({ command, piperVoices: absolutePath }),
};

/**
 * Makes a world without phones: it holds nothing that keeps a process alive until one starts.
 *
 * @throws SipflowError BAD_CONFIG whose `field` is the option
 */
export function createWorld(options: WorldOptions = {}): World {
  assertOptions(options, WORLD, { name: 'createWorld' });
  return new PhoneWorld(options);
}

class PhoneWorld implements World, Surroundings {
  readonly clock: SipClock;
  readonly registry: CallRegistry<ReceivedCall | PlacedCall>;
  readonly directory = new SimulationDirectory();
  readonly speech: Speech;
  readonly #ports = new PortPool();
  readonly #meters = new MediaMeters();
  readonly #phones = new Set<Phone>();
  readonly #ownEngine: MediaEngine | undefined;
  readonly #media: SharedMediaEngine;
  #certificate: SelfSigned | undefined;
  #closing: Promise<void> | undefined;
  readonly #rememberers = new Set<object>();

  constructor({ clock, timers, engine, mediaWorkers, soundsDir, speech }: WorldOptions) {
    this.clock = sipClock(clock, timers);
    this.registry = new CallRegistry<ReceivedCall | PlacedCall>(this.clock);
    this.#ownEngine = engine;
    this.speech = new Speech(speech);
    this.#media = new SharedMediaEngine(() =>
      createMediaEngine({
        ports: this.#ports,
        meters: this.#meters,
        ...(mediaWorkers === undefined ? {} : { workers: mediaWorkers }),
        ...(soundsDir === undefined ? {} : { soundsDir }),
      }),
    );
  }

  get calls(): CallLookup {
    return this.registry;
  }

  phone(settings: PhoneSettings): Phone {
    if (this.#closing) throw new SipflowError('CALL_STATE', 'The world is closed: make a new one.');
    const phone = new SipPhone(completePhone(settings), this);
    this.#phones.add(phone);
    phone.on('state', (state) => {
      if (state === 'closed') this.#phones.delete(phone);
    });
    return phone;
  }

  conference(): Conference {
    return new CallConference((call) => this.registry.own(call), this.clock);
  }

  get remembersAudio(): boolean {
    return this.#rememberers.size > 0;
  }

  rememberAudio(): () => void {
    const rememberer = {};
    this.#rememberers.add(rememberer);
    return () => this.#rememberers.delete(rememberer);
  }

  load(): WorldLoad {
    return { ...this.#meters.load, rtpPorts: this.#ports.inUse };
  }

  async say(source: string): Promise<Uint8Array> {
    return this.speech.say(source);
  }

  leaseMedia(): MediaLease {
    const engine = this.#ownEngine;
    return engine ? { engine, release: () => Promise.resolve() } : this.#media.lease();
  }

  portRoom(range: { portMin: number; portMax: number }): { free: number; all: number } {
    return this.#ports.room(range);
  }

  certificate(): SelfSigned {
    return (this.#certificate ??= createSelfSigned());
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.speech.close();
    await Promise.all([...this.#phones].map((phone) => phone.close()));
  }
}
