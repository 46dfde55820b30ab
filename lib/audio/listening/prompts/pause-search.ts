import { COARSE_BANDS, pooled } from './coarse-frames';
import type { HeardFrames } from './heard-frames';
import { PAUSE_FRAMES, pauseBetween, silentFrames, softFrames } from './pauses';
import { frameLag, LEAST_SPREAD, PHASES, Piece } from './piece';
import type { PreparedReference } from './types';

/** Pairs of frames in a link, and its frames: 0.2 s. */
const LINK_PAIRS = 6;
const LINK_FRAMES = 2 * LINK_PAIRS;
const LINK_CELLS = LINK_PAIRS * COARSE_BANDS;
/** Places at which a link is sought, pairs of frames from where the end of the reference lets expect it: 1.5 s before, 1 s behind. */
const EARLIEST = -48;
const LATEST = 32;
const PLACES = LATEST - EARLIEST + 1;
/** Least and most change of a pause that is followed, pairs: 64 ms, since less is found without it, and 448 ms. */
const LEAST_CHANGE = 2;
const MOST_CHANGE = Math.floor(PAUSE_FRAMES / 2);
/** Likeness that another place must gain over all links, of which a usual one weighs 1. */
const CHANGE_COST = 0.6;
/** Least likeness of all links together. */
const LEAST_CHAIN = 0.6;
/** Share of a pause that is silent without a break. */
const UNBROKEN = 0.7;
/** Frames between two pauses that are compared as a whole: 0.75 s. */
const PIECE_FRAMES = 47;

/**
 * Finds the pauses of a reference that are longer or shorter in the stream: links of 0.2 s are compared at many places, and
 * the chain of places is taken that makes them most alike, where a place may change only at a pause (`pauseBetween`).
 *
 * @param lag quarters of a frame from the place of the last segment in the reference to that in the stream.
 * @returns pieces of at most a second or so, with their places, none of which has such a pause in it; undefined when no pause
 *   has another length.
 */
export function piecesBetweenPauses(
  reference: PreparedReference,
  frames: HeardFrames,
  lag: number,
): Piece[] | undefined {
  const count = Math.floor(reference.frames / LINK_FRAMES);
  if (count < 2) return undefined;
  // A pair of the stream begins at an even frame, and so does each link.
  const origin = 2 * (Math.floor(frameLag(lag) / 2) + EARLIEST);
  const places = bestChain(reference, frames, count, origin);
  if (!places) return undefined;
  const lags = places.map((place) => (origin + 2 * place) * PHASES);
  const pieces: Piece[] = [];
  let from = 0;
  for (let index = 1; index < count; index++) {
    if (lags[index] === lags[index - 1]) continue;
    const at = seamAt(reference, frames, lags, index, from);
    if (at === undefined) return undefined;
    pieces.push(...piecesOf(from, at, lags[index - 1]));
    from = at;
  }
  return pieces.length === 0 ? undefined : [...pieces, ...piecesOf(from, reference.frames, lags[count - 1])];
}

/**
 * Where the pause lies because of which a link has another place than the one before: in these two, or near them when the
 * pause is longer than they are.
 *
 * @param from frame at which the pause before ends.
 */
function seamAt(
  reference: PreparedReference,
  frames: HeardFrames,
  lags: readonly number[],
  index: number,
  from: number,
): number | undefined {
  const change = Math.abs(lags[index] - lags[index - 1]) / PHASES;
  const next = lags.findIndex((lag, later) => later > index && lag !== lags[index]);
  const middle = index * LINK_FRAMES;
  const begin = Math.max(from, middle - LINK_FRAMES - change);
  const end = Math.min(next < 0 ? reference.frames : next * LINK_FRAMES, middle + LINK_FRAMES + change);
  const before = new Piece(begin, middle - begin, lags[index - 1]);
  return pauseBetween(reference, frames, before, new Piece(middle, end - middle, lags[index]));
}

/** Place of each link, counted in pairs from `origin`; undefined when the links are too little alike. */
function bestChain(
  reference: PreparedReference,
  frames: HeardFrames,
  count: number,
  origin: number,
): number[] | undefined {
  const { templates, weights, silences: shorterBy } = linksOf(reference, count);
  const silences = longestSilences(frames, origin, reference.frames + 2 * PLACES);
  const comesFrom: Uint8Array[] = [];
  let sums = new Float64Array(PLACES);
  for (let link = 0; link < count; link++) {
    const begin = (link - 1) * LINK_FRAMES;
    const next = new Float64Array(PLACES);
    const from = new Uint8Array(PLACES);
    for (let place = 0; place < PLACES; place++) {
      from[place] = link === 0 ? place : bestBefore(sums, place, silences, begin, shorterBy[link]);
      const cost = from[place] === place ? 0 : CHANGE_COST;
      const pair = (origin + link * LINK_FRAMES) / 2 + place;
      next[place] = sums[from[place]] - cost + weights[link] * likenessAt(frames, templates, link, pair);
    }
    sums = next;
    comesFrom.push(from);
  }
  const places: number[] = [];
  const most = Math.max(...sums);
  if (most < LEAST_CHAIN * count) return undefined;
  let place = sums.indexOf(most);
  for (const from of comesFrom.reverse()) {
    places.unshift(place);
    place = from[place];
  }
  return places;
}

/**
 * The place of the link before from which a place is reached best: the same, or one beyond a pause that is long enough.
 *
 * @param silences longest silence of the stream near each frame from the origin on, and @param begin the frame of the link before.
 * @param shorter frames of silence of the reference that can be left out.
 */
function bestBefore(
  sums: Float64Array,
  place: number,
  silences: Uint8Array,
  begin: number,
  shorter: number,
): number {
  let best = place;
  let most = sums[place] + CHANGE_COST;
  for (let change = LEAST_CHANGE; change <= MOST_CHANGE; change++) {
    const silent = UNBROKEN * 2 * change;
    const early = place - change;
    if (early >= 0 && sums[early] > most && silences[begin + 2 * early] >= silent) {
      most = sums[early];
      best = early;
    }
    const late = place + change;
    if (late < PLACES && sums[late] > most && shorter >= silent) {
      most = sums[late];
      best = late;
    }
  }
  return best;
}

/** What the search needs to know of the links of a reference. */
interface Links {
  /** Shapes of the links, without the mean of each band and of length one. */
  readonly templates: Float32Array;
  /** How much there is to tell each by: 1 for a usual one. */
  readonly weights: Float64Array;
  /** Longest silence of the reference in each link and the one before, frames. */
  readonly silences: Uint8Array;
}

const known = new WeakMap<PreparedReference, Links>();

function linksOf(reference: PreparedReference, count: number): Links {
  const made = known.get(reference);
  if (made) return made;
  const templates = new Float32Array(count * LINK_CELLS);
  const spreads = Float64Array.from({ length: count }, (_, link) =>
    shape(reference, link, templates.subarray(link * LINK_CELLS, (link + 1) * LINK_CELLS)),
  );
  const usual = spreads.reduce((sum, spread) => sum + spread, 0) / count || 1;
  const soft = softFrames(reference, 0, reference.frames);
  const silences = Uint8Array.from({ length: count }, (_, link) =>
    longestRun(soft, Math.max(0, link - 1) * LINK_FRAMES, (link + 1) * LINK_FRAMES),
  );
  const links = { templates, weights: spreads.map((spread) => spread / usual), silences };
  known.set(reference, links);
  return links;
}

/** Writes the shape of a link, and returns its length before it was made one. */
function shape({ levels }: PreparedReference, link: number, template: Float32Array): number {
  let squares = 0;
  for (let band = 0; band < COARSE_BANDS; band++) {
    let sum = 0;
    for (let pair = 0; pair < LINK_PAIRS; pair++) {
      const frame = link * LINK_FRAMES + 2 * pair;
      template[pair * COARSE_BANDS + band] = pooled(levels, frame, frame + 1, band);
      sum += template[pair * COARSE_BANDS + band];
    }
    for (let cell = band; cell < LINK_CELLS; cell += COARSE_BANDS) {
      template[cell] -= sum / LINK_PAIRS;
      squares += template[cell] ** 2;
    }
  }
  const length = Math.sqrt(squares);
  for (let cell = 0; cell < LINK_CELLS; cell++) template[cell] /= length || 1;
  return length;
}

/** Correlation of a link with the pairs of the stream from `first` on, 0 to 1; 0 outside of the audio. */
function likenessAt({ coarse }: HeardFrames, templates: Float32Array, link: number, first: number): number {
  const last = first + LINK_PAIRS - 1;
  if (first < Math.max(1, coarse.count - coarse.capacity + 1) || last >= coarse.count) return 0;
  const end = coarse.placeOf(last);
  const begin = end - LINK_PAIRS;
  let spread = coarse.squares[end] - coarse.squares[begin];
  for (let band = 0; band < COARSE_BANDS; band++) {
    const sum = coarse.sums[end * COARSE_BANDS + band] - coarse.sums[begin * COARSE_BANDS + band];
    spread -= (sum * sum) / LINK_PAIRS;
  }
  if (spread < LEAST_SPREAD * LINK_PAIRS) return 0;
  let products = 0;
  const from = (begin + 1) * COARSE_BANDS;
  for (let cell = 0; cell < LINK_CELLS; cell++) {
    products += coarse.levels[from + cell] * templates[link * LINK_CELLS + cell];
  }
  return Math.max(0, products / Math.sqrt(spread));
}

/** Longest silence of the stream that begins within two links behind each frame from `origin` on. */
function longestSilences(frames: HeardFrames, origin: number, count: number): Uint8Array {
  const silent = silentFrames(frames, origin, count + 2 * LINK_FRAMES + PAUSE_FRAMES);
  const runs = new Uint8Array(silent.length + 1);
  for (let i = silent.length - 1; i >= 0; i--) runs[i] = silent[i] === 1 ? Math.min(255, runs[i + 1] + 1) : 0;
  const longest = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    for (let k = i; k < i + 2 * LINK_FRAMES; k++) if (runs[k] > longest[i]) longest[i] = runs[k];
  }
  return longest;
}

function longestRun(marks: Uint8Array, from: number, end: number): number {
  let longest = 0;
  let run = 0;
  for (let i = from; i < end; i++) {
    run = marks[i] === 1 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function piecesOf(from: number, end: number, lag: number): Piece[] {
  const count = Math.max(1, Math.round((end - from) / PIECE_FRAMES));
  const bounds = Array.from({ length: count + 1 }, (_, i) => from + Math.round((i * (end - from)) / count));
  return bounds.slice(1).map((bound, i) => new Piece(bounds[i], bound - bounds[i], lag));
}
