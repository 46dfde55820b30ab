import { DRIFT_CELLS, MONITOR_CELLS } from '../../quality';
import { JITTER_CELLS } from './jitter';
import { TIMELINE_CELLS } from './receive-timeline';
import { SEQUENCE_CELLS } from './sequence-tracker';

/** Where the numbers of a received stream lie, in the order in which a packet needs them. */
export const HEARD_AT = 0;
export const LAST_PACKET_AT = 1;
export const SEQUENCES = 2;
export const JITTER = SEQUENCES + SEQUENCE_CELLS;
export const DRIFT = JITTER + JITTER_CELLS;
export const TIMELINE = DRIFT + DRIFT_CELLS;
export const MONITOR = TIMELINE + TIMELINE_CELLS;
export const STREAM_CELLS = MONITOR + MONITOR_CELLS;
