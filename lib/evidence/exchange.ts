import type { Addresses } from './addresses';
import type { LadderCall } from './types';

type Message = LadderCall['messages'][number];

/** A message as it went over the network: seen by one phone or by two, once or several times. */
export interface Exchanged {
  transport: string;
  text: string;
  /** Addresses of the participants. */
  from: string;
  to: string;
  /** Milliseconds since the epoch: when it was sent, or when it came if that was not seen. */
  atMs: number;
  /** Times of all copies, the first one included. */
  times: number[];
}

/** Copies of a message in the trace of one phone, in one direction. */
interface Sighting {
  out: boolean;
  times: number[];
}

interface Building extends Exchanged {
  sightings: Map<string, Sighting>;
  sent: boolean;
  placed: boolean;
}

interface Seen {
  atMs: number;
  out: boolean;
  exchanged: Building;
}

/**
 * The messages of several calls as one exchange in order: a message in the traces of two phones is there once, and
 * copies of it are folded into the first. Clocks have milliseconds, so the order of one phone's trace, and that nothing
 * is received before it is sent, decide where times are equal.
 */
export function exchangeOf(calls: readonly LadderCall[], addresses: Addresses): Exchanged[] {
  const known = new Map<string, Building[]>();
  const lists = calls.map(({ messages }, index) =>
    messages.map((message): Seen => {
      const exchanged = findOrAdd(known, message, addresses);
      note(exchanged, message, index);
      return { atMs: message.atMs, out: message.direction === 'out', exchanged };
    }),
  );
  const order = inOrder(lists);
  return order.map(({ sightings, transport, text, from, to }) => {
    const all = [...sightings.values()];
    const origin = all.find(({ out }) => out) ?? all[0];
    const { times } = all.reduce((most, each) => (each.times.length > most.times.length ? each : most));
    return { transport, text, from, to, atMs: origin.times[0], times };
  });
}

function findOrAdd(
  known: Map<string, Building[]>,
  { text, transport, direction, local, remote }: Message,
  addresses: Addresses,
): Building {
  const [here, there] = [addresses.nameOf(local), addresses.nameOf(remote)];
  const [from, to] = direction === 'out' ? [here, there] : [there, here];
  let same = known.get(text);
  if (!same) known.set(text, (same = []));
  let exchanged = same.find((each) => each.from === from && each.to === to);
  if (!exchanged) {
    exchanged = {
      transport,
      text,
      from,
      to,
      atMs: 0,
      times: [],
      sightings: new Map(),
      sent: false,
      placed: false,
    };
    same.push(exchanged);
  }
  return exchanged;
}

function note(exchanged: Building, { direction, atMs }: Message, list: number): void {
  const key = `${list} ${direction}`;
  const sighting = exchanged.sightings.get(key);
  if (sighting) sighting.times.push(atMs);
  else exchanged.sightings.set(key, { out: direction === 'out', times: [atMs] });
  if (direction === 'out') exchanged.sent = true;
}

/** Joins the lists: the earliest next, but nothing received before the phone that sent it is at that place. */
function inOrder(lists: readonly (readonly Seen[])[]): Building[] {
  const places = lists.map(() => 0);
  const order: Building[] = [];
  for (;;) {
    let best = -1;
    let bestWaits = true;
    for (let index = 0; index < lists.length; index++) {
      if (places[index] >= lists[index].length) continue;
      const { atMs, out, exchanged } = lists[index][places[index]];
      const waits = !out && exchanged.sent && !exchanged.placed;
      const better =
        best < 0 || (waits === bestWaits ? atMs < lists[best][places[best]].atMs : bestWaits && !waits);
      if (!better) continue;
      best = index;
      bestWaits = waits;
    }
    if (best < 0) return order;
    const { exchanged } = lists[best][places[best]++];
    if (exchanged.placed) continue;
    exchanged.placed = true;
    order.push(exchanged);
  }
}
