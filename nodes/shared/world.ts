import { createWorld } from '../../lib/calls';

/** The world of this Node-RED: what its phones share, and the calls that `msg.call` names. */
export const world = createWorld();
