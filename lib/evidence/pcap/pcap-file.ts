/**
 * The classic file of libpcap, version 2.4: a header, then the frames, each with its time in microseconds. Numbers are
 * little-endian here.
 */

const MAGIC = 0xa1b2c3d4;
/** The same with times in nanoseconds. */
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const FILE_HEAD = 24;
const FRAME_HEAD = 16;
const ETHERNET = 1;
/** The longest frame that a file says it may have. */
const SNAP_LENGTH = 262_144;

/** A frame of a capture. */
export interface Frame {
  /** Milliseconds since the Unix epoch. */
  atMs: number;
  bytes: Uint8Array;
  /** Bytes that the frame had on the wire; more than `bytes` when only its beginning was kept. */
  length: number;
}

/** The file of these frames, in their order. */
export function writePcap(frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  const size = frames.reduce((sum, { bytes }) => sum + FRAME_HEAD + bytes.length, FILE_HEAD);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAP_LENGTH, true);
  view.setUint32(20, ETHERNET, true);
  let place = FILE_HEAD;
  for (const { atMs, bytes, length } of frames) {
    const microseconds = Math.max(0, Math.round(atMs * 1000));
    view.setUint32(place, Math.floor(microseconds / 1e6), true);
    view.setUint32(place + 4, microseconds % 1e6, true);
    view.setUint32(place + 8, bytes.length, true);
    view.setUint32(place + 12, length, true);
    file.set(bytes, place + FRAME_HEAD);
    place += FRAME_HEAD + bytes.length;
  }
  return file;
}

/**
 * The Ethernet frames of a file, of either byte order. A file that is cut off gives the frames before its end, and one
 * that is no capture gives none. Never throws.
 */
export function readPcap(file: Uint8Array): Frame[] {
  if (file.length < FILE_HEAD) return [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = [MAGIC, MAGIC_NANOSECONDS].includes(view.getUint32(0, true));
  const magic = view.getUint32(0, little);
  const perMs = magic === MAGIC ? 1e3 : magic === MAGIC_NANOSECONDS ? 1e6 : 0;
  if (perMs === 0 || (view.getUint32(20, little) & 0xffff) !== ETHERNET) return [];
  const frames: Frame[] = [];
  let place = FILE_HEAD;
  while (place + FRAME_HEAD <= file.length) {
    const start = place + FRAME_HEAD;
    const end = start + view.getUint32(place + 8, little);
    if (end > file.length) break;
    frames.push({
      atMs: view.getUint32(place, little) * 1000 + view.getUint32(place + 4, little) / perMs,
      bytes: file.subarray(start, end),
      length: view.getUint32(place + 12, little),
    });
    place = end;
  }
  return frames;
}
