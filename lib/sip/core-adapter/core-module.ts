import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Core from 'sip.js/lib/core';
import type { TimerHandle } from '../../common';
import { ALLOWED_METHODS } from '../message/capabilities';
import { reportSignallingFault } from '../transaction/signalling-fault';
import type { SipClock } from '../transaction/timer-settings';
import { OneEntryMap } from './one-entry-map';
import { patchCore } from './patch-core';

/** The parts of the private copy that the adapter uses; `scripts/bundle-sip-core.mjs` exports the same list. */
export type CoreModule = Pick<
  typeof Core,
  | 'ClientTransaction'
  | 'IncomingRequestMessage'
  | 'IncomingResponseMessage'
  | 'InviteClientTransaction'
  | 'InviteServerTransaction'
  | 'InviteUserAgentServer'
  | 'NameAddrHeader'
  | 'NonInviteServerTransaction'
  | 'OutgoingRequestMessage'
  | 'SessionDialog'
  | 'Timers'
  | 'TransactionState'
  | 'UserAgentClient'
  | 'UserAgentCore'
  | 'UserAgentServer'
> & {
  AllowedMethods: string[];
  /** Stops a timer that the core has set. */
  stopTimer(handle: unknown): void;
};

interface CoreTimers {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout: (handle: unknown) => void;
  setInterval(callback: () => void, ms: number): unknown;
  clearInterval(handle: unknown): void;
}

/** What the core uses instead of the globals of these names. */
interface CoreGlobals extends CoreTimers {
  readonly Map: typeof OneEntryMap;
}

/** Handle of a repeating timer of the core, whose own timer changes with each round. */
interface Repetition {
  timer: TimerHandle | undefined;
}

const cores = new WeakMap<SipClock, { reliable?: CoreModule; unreliable?: CoreModule }>();

/**
 * The private copy of the core for a clock and a kind of transport. Copies are made once and shared by the
 * endpoints of the process; reliable transports have their own, because timers D, I, J and K are zero there.
 */
export function loadCore(clock: SipClock, reliable: boolean): CoreModule {
  let known = cores.get(clock);
  if (!known) cores.set(clock, (known = {}));
  return (known[reliable ? 'reliable' : 'unreliable'] ??= createCore(clock, reliable));
}

function createCore(clock: SipClock, reliable: boolean): CoreModule {
  const file = join(__dirname, 'generated', 'sip-core.cjs');
  const createSipCore = createRequire(__filename)(file) as (given: CoreGlobals) => CoreModule;
  const timers = guardedTimers(clock);
  const core: CoreModule = {
    ...createSipCore({ ...timers, Map: OneEntryMap }),
    stopTimer: timers.clearTimeout,
  };
  core.AllowedMethods.splice(0, Infinity, ...ALLOWED_METHODS);
  patchCore(core);
  Object.assign(core.Timers, coreTimers(clock, reliable));
  return core;
}

/** RFC 3261, table 4: the waits that only absorb retransmissions are zero where nothing is retransmitted. */
function coreTimers(clock: SipClock, reliable: boolean): Record<string, number> {
  const { t1, t2, t4 } = clock.timers;
  const timeout = clock.transactionTimeout;
  return {
    T1: t1,
    T2: t2,
    T4: t4,
    TIMER_B: timeout,
    TIMER_D: reliable ? 0 : timeout,
    TIMER_F: timeout,
    TIMER_H: timeout,
    TIMER_I: reliable ? 0 : t4,
    TIMER_J: reliable ? 0 : timeout,
    TIMER_K: reliable ? 0 : t4,
    TIMER_L: timeout,
    TIMER_M: timeout,
    TIMER_N: timeout,
  };
}

/** Timers from the injected clock in which an exception of the core stays a warning. */
function guardedTimers(clock: SipClock): CoreTimers {
  const guard = (callback: () => void) => (): void => {
    try {
      callback();
    } catch (error) {
      reportSignallingFault(error, 'timer of the core');
    }
  };
  const repeat = (repetition: Repetition, callback: () => void, ms: number): void => {
    repetition.timer = clock.setTimeout(() => {
      repeat(repetition, callback, ms);
      callback();
    }, ms);
  };
  return {
    setTimeout: (callback, ms) => clock.setTimeout(guard(callback), ms),
    clearTimeout: (handle) => clock.clearTimeout(handle as TimerHandle | undefined),
    setInterval: (callback, ms) => {
      const repetition: Repetition = { timer: undefined };
      repeat(repetition, guard(callback), ms);
      return repetition;
    },
    clearInterval: (handle) => clock.clearTimeout((handle as Repetition | undefined)?.timer),
  };
}
