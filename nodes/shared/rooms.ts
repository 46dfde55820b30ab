import type { Call, Conference, ConferenceStay, PlaybackReport, PlayOptions, Running } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { world } from './world';

/** Longest name of a conference. */
const LONGEST_NAME = 64;

/** `msg.conference`: a conference by its name, for nodes that play to all who are in it. */
export interface ConferenceRef {
  type: 'sip-conference';
  room: string;
  /** The ids of the calls that are in it, in the order in which they have joined. */
  calls: string[];
}

interface Room {
  readonly conference: Conference;
  /** Calls that are in it, or wait for their media to join. */
  guests: number;
}

/** The conferences of this Node-RED, as long as calls are in them. */
const rooms = new Map<string, Room>();
/** By call id. */
const stays = new Map<string, { room: string; stay: ConferenceStay }>();

/**
 * Adds a call to the conference of that name, which begins with its first call. BAD_CONFIG for the name, else as
 * `Conference.join`.
 */
export async function joinRoom(name: string, call: Call): Promise<ConferenceStay> {
  assertName(name);
  const room = rooms.get(name) ?? { conference: world.conference(), guests: 0 };
  rooms.set(name, room);
  room.guests++;
  const leave = (): void => {
    if (--room.guests === 0) rooms.delete(name);
  };
  try {
    const stay = await room.conference.join(call);
    stays.set(call.id, { room: name, stay });
    void stay.finished.then(() => {
      stays.delete(call.id);
      leave();
    });
    return stay;
  } catch (error) {
    leave();
    throw error;
  }
}

/** The conference that a call is in. CALL_STATE when it is in none. */
export function stayOf({ id }: Call): { room: string; stay: ConferenceStay } {
  const found = stays.get(id);
  if (!found) throw new SipflowError('CALL_STATE', 'The call is in no conference, so it cannot leave one.');
  return found;
}

/** Data about a conference, for a message to carry. */
export function conferenceRef(room: string): ConferenceRef {
  const { calls = [] } = rooms.get(room)?.conference ?? {};
  return { type: 'sip-conference', room, calls: calls.map(({ id }) => id) };
}

/** Somebody who hears a sound: a call, or all calls of a conference. */
export interface Audience {
  /** Distinguishes it from all others. */
  readonly id: string;
  play(options: PlayOptions): Promise<Running<PlaybackReport>>;
}

/** The calls of the conference that a message names; undefined when the value is none. BAD_CONFIG for its name. */
export function roomAudience(value: unknown): Audience | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  if (value.type !== 'sip-conference') return undefined;
  const name = 'room' in value ? value.room : undefined;
  assertName(name);
  return {
    id: `conference ${name}`,
    play: (options) => (rooms.get(name)?.conference ?? world.conference()).play(options),
  };
}

function assertName(name: unknown): asserts name is string {
  if (typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME) return;
  throw new SipflowError(
    'BAD_CONFIG',
    `The field "room" must be the name of a conference, 1 to ${LONGEST_NAME} characters.`,
    { field: 'room' },
  );
}
