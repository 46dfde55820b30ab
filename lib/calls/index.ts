import { PhoneInstance } from './instance';
import { CallRegistry } from './registry';
import type { CallLookup, Instance, InstanceOptions } from './types';

export * from './types';
export { validateInstance } from './instance-options';

const registry = new CallRegistry();

/** The calls of this process, by CallRef or id. */
export const calls: CallLookup = registry;

/** A phone or trunk; nothing is bound before `start`. */
export function createInstance(options: InstanceOptions): Instance {
  return new PhoneInstance(options, registry);
}
