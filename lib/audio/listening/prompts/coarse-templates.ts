import { COARSE_BANDS, pooled } from './coarse-frames';

/** Piece of a reference that is searched for as a whole. */
export interface Segment {
  /** First frame, and number of frames. */
  readonly from: number;
  readonly frames: number;
  /** Pairs of frames in each of its two templates. */
  readonly pairs: number;
  /** Place of its templates in the table: first the one for starts at even frames of the stream, then for odd ones. */
  readonly at: number;
  /** How much there is to tell it by; the sum over the segments of a reference is 1. */
  readonly weight: number;
}

/** Length that segments are given as nearly as possible, frames: 0.75 s. */
const SEGMENT_FRAMES = 47;

/** Segments of a reference and their templates: without the mean of each band, and of length one. */
export function coarseTemplates(
  levels: Float32Array,
  frames: number,
): { segments: Segment[]; templates: Float32Array } {
  const count = Math.max(1, Math.round(frames / SEGMENT_FRAMES));
  const bounds = Array.from({ length: count + 1 }, (_, i) => Math.round((i * frames) / count));
  const shapes = bounds.slice(0, -1).map((from, i) => ({ from, frames: bounds[i + 1] - from }));
  const sizes = shapes.map((shape) => 2 * pairsOf(shape.frames) * COARSE_BANDS);
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const templates = new Float32Array(new SharedArrayBuffer(size * 4));
  const spreads: number[] = [];
  const segments = shapes.map((shape, i) => {
    const at = sizes.slice(0, i).reduce((sum, one) => sum + one, 0);
    const pairs = pairsOf(shape.frames);
    for (const odd of [0, 1]) {
      const template = templates.subarray(
        at + odd * pairs * COARSE_BANDS,
        at + (odd + 1) * pairs * COARSE_BANDS,
      );
      fill(template, levels, shape.from + odd);
      const spread = normalise(template);
      if (odd === 0) spreads.push(spread);
    }
    return { ...shape, pairs, at };
  });
  const whole = spreads.reduce((sum, spread) => sum + spread, 0);
  return { segments: segments.map((segment, i) => ({ ...segment, weight: spreads[i] / whole })), templates };
}

/** Pairs that fit into a segment also when they begin one frame later. */
function pairsOf(frames: number): number {
  return (frames - 1) >> 1;
}

function fill(template: Float32Array, levels: Float32Array, from: number): void {
  for (let i = 0; i < template.length; i++) {
    const frame = from + 2 * Math.floor(i / COARSE_BANDS);
    template[i] = pooled(levels, frame, frame + 1, i % COARSE_BANDS);
  }
}

/** Takes the mean of each band out and scales to length one; returns the length before. */
function normalise(template: Float32Array): number {
  const pairs = template.length / COARSE_BANDS;
  let squares = 0;
  for (let band = 0; band < COARSE_BANDS; band++) {
    let sum = 0;
    for (let i = band; i < template.length; i += COARSE_BANDS) sum += template[i];
    for (let i = band; i < template.length; i += COARSE_BANDS) {
      template[i] -= sum / pairs;
      squares += template[i] ** 2;
    }
  }
  const length = Math.sqrt(squares) || 1;
  for (let i = 0; i < template.length; i++) template[i] /= length;
  return length;
}
