import assert from 'node:assert/strict';

/** A frame as a reader that knows nothing of the writer finds it. */
export interface ReadFrame {
  atMs: number;
  protocol: 'udp' | 'tcp';
  from: string;
  to: string;
  payload: Buffer;
  /** Bytes of the payload on the wire. */
  length: number;
  sequence: number;
  acknowledged: number;
}

/** Reads a classic capture of Ethernet frames, and fails for any field, length or checksum that is not right. */
export function readFrames(file: Uint8Array): ReadFrame[] {
  const bytes = Buffer.from(file);
  assert.equal(bytes.subarray(0, 8).toString('hex'), 'd4c3b2a102000400', 'magic number and version');
  assert.equal(bytes.readUInt32LE(20), 1, 'Ethernet');
  const frames: ReadFrame[] = [];
  let place = 24;
  while (place < bytes.length) {
    const [seconds, micros, kept, length] = [0, 4, 8, 12].map((offset) => bytes.readUInt32LE(place + offset));
    assert.ok(micros < 1e6 && kept <= length && place + 16 + kept <= bytes.length);
    const frame = bytes.subarray(place + 16, place + 16 + kept);
    frames.push({ atMs: seconds * 1000 + micros / 1000, ...readFrame(frame, length) });
    place += 16 + kept;
  }
  assert.equal(place, bytes.length);
  return frames;
}

function readFrame(frame: Buffer, length: number): Omit<ReadFrame, 'atMs'> {
  assert.ok((frame[0] & 3) === 2 && (frame[6] & 3) === 2, 'hardware addresses that nobody owns');
  const isFour = frame.readUInt16BE(12) === 0x0800;
  if (!isFour) assert.equal(frame.readUInt16BE(12), 0x86dd);
  const start = isFour ? 34 : 54;
  const size = isFour ? frame.readUInt16BE(16) - 20 : frame.readUInt16BE(18);
  assert.equal(start + size, length, 'length of the packet');
  if (isFour) assert.equal(sum(frame.subarray(14, 34)), 0xffff, 'checksum of IPv4');
  const [source, target] = isFour
    ? [frame.subarray(26, 30), frame.subarray(30, 34)]
    : [frame.subarray(22, 38), frame.subarray(38, 54)];
  const number = frame[isFour ? 23 : 20];
  assert.ok(number === 6 || number === 17);
  const isUdp = number === 17;
  const head = isUdp ? 8 : (frame[start + 12] >> 4) * 4;
  const whole = frame.length === length;
  if (isUdp) assert.equal(frame.readUInt16BE(start + 4), size);
  if (whole) {
    const pseudo = Buffer.concat([source, target, Buffer.from([0, number, size >> 8, size & 0xff])]);
    assert.equal(sum(Buffer.concat([pseudo, frame.subarray(start)])), 0xffff, 'checksum of UDP or TCP');
  }
  return {
    protocol: isUdp ? 'udp' : 'tcp',
    from: `${addressText(source)}:${frame.readUInt16BE(start)}`,
    to: `${addressText(target)}:${frame.readUInt16BE(start + 2)}`,
    payload: frame.subarray(start + head),
    length: size - head,
    sequence: isUdp ? 0 : frame.readUInt32BE(start + 4),
    acknowledged: isUdp ? 0 : frame.readUInt32BE(start + 8),
  };
}

function addressText(address: Buffer): string {
  if (address.length === 4) return address.join('.');
  const hex = address.toString('hex').match(/.{4}/g) ?? [];
  return `[${new URL(`http://[${hex.join(':')}]`).hostname.slice(1, -1)}]`;
}

function sum(bytes: Buffer): number {
  let total = 0;
  for (let index = 0; index < bytes.length; index += 2)
    total += (bytes[index] << 8) + (bytes[index + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >> 16);
  return total;
}

/** The bytes of each direction of each connection; fails where a number does not follow, or acknowledges too much. */
export function streamsOf(frames: readonly ReadFrame[]): Map<string, string> {
  const streams = new Map<string, { text: string; next: number }>();
  for (const { protocol, from, to, payload, sequence, acknowledged } of frames) {
    if (protocol !== 'tcp') continue;
    const key = `${from} > ${to}`;
    const stream = streams.get(key) ?? { text: '', next: sequence };
    assert.equal(sequence, stream.next, 'the next byte of the stream');
    assert.equal(acknowledged, streams.get(`${to} > ${from}`)?.next ?? 1, 'what had come');
    streams.set(key, { text: stream.text + payload.toString('latin1'), next: sequence + payload.length });
  }
  return new Map([...streams].map(([key, { text }]) => [key, text]));
}
