import { createWorld } from '../../lib/calls';

/** The world of this Node-RED: shared resources of its phones, and the calls that `msg.call` names. */
export const world = createWorld();
