import type { Clock } from '../common/clock';
import type { MediaEngine } from '../media';
import { PhoneInstance } from './instance';
import { CallRegistry } from './registry';
import type { CallLookup, Instance, InstanceOptions } from './types';

export * from './types';
export { validateInstance } from './instance-options';
export { reasonPhrase } from '../sip';
export { createNullMediaEngine, type MediaEngine } from '../media';

/** What an instance uses instead of what the process shares. */
export interface InstanceDependencies {
  /**
   * A media engine of the caller's own, which the instance does not close; `createNullMediaEngine()` makes an
   * instance for signalling only.
   */
  engine?: MediaEngine;
  clock?: Clock;
}

const registry = new CallRegistry();

/** The calls of this process, by CallRef or id. */
export const calls: CallLookup = registry;

/** A phone or trunk; nothing is bound before `start`. */
export function createInstance(options: InstanceOptions, dependencies: InstanceDependencies = {}): Instance {
  return new PhoneInstance(options, registry, dependencies.clock, dependencies.engine);
}
