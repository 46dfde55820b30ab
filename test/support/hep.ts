// Reads HEP3 by the chunk, in whatever order; as a program (`hep.ts PORT`) it is a collector that prints what it gets.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** A packet of HEP3, decoded by its description alone. */
export interface HepRecord {
  family: number;
  protocol: number;
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
  atMs: number;
  type: number;
  captureId: number;
  payload: string;
  correlation: string;
  node: string;
  /** Types of the chunks, in their order. */
  order: number[];
}

/** Takes the packets that are whole out of a stream of bytes; what is left is the beginning of the next one. */
export function readHep(bytes: Buffer): { packets: HepRecord[]; rest: Buffer } {
  const packets: HepRecord[] = [];
  let rest = bytes;
  while (rest.length >= 6) {
    if (rest.toString('latin1', 0, 4) !== 'HEP3') throw new Error(`not HEP3: ${rest.toString('hex', 0, 16)}`);
    const length = rest.readUInt16BE(4);
    if (rest.length < length) break;
    packets.push(decode(rest.subarray(6, length)));
    rest = rest.subarray(length);
  }
  return { packets, rest };
}

function decode(bytes: Buffer): HepRecord {
  const chunks = new Map<number, Buffer>();
  for (let place = 0; place < bytes.length;) {
    const [vendor, type, length] = [0, 2, 4].map((at) => bytes.readUInt16BE(place + at));
    if (vendor !== 0 || length < 6 || place + length > bytes.length || chunks.has(type)) {
      throw new Error(`a chunk that is none at ${place}: ${bytes.toString('hex', place, place + 6)}`);
    }
    chunks.set(type, bytes.subarray(place + 6, place + length));
    place += length;
  }
  const chunk = (...types: number[]): Buffer => {
    const found = types.map((type) => chunks.get(type)).find((each) => each !== undefined);
    if (!found) throw new Error(`no chunk ${types.join()}`);
    return found;
  };
  return {
    family: chunk(1)[0],
    protocol: chunk(2)[0],
    source: addressOf(chunk(3, 5)),
    destination: addressOf(chunk(4, 6)),
    sourcePort: chunk(7).readUInt16BE(),
    destinationPort: chunk(8).readUInt16BE(),
    atMs: chunk(9).readUInt32BE() * 1000 + chunk(10).readUInt32BE() / 1000,
    type: chunk(11)[0],
    captureId: chunk(12).readUInt32BE(),
    payload: chunk(15).toString('latin1'),
    correlation: chunk(17).toString('latin1'),
    node: chunk(19).toString('utf8'),
    order: [...chunks.keys()],
  };
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function collect(port: number): void {
  const print = (packets: HepRecord[]): void =>
    packets.forEach((packet) => console.log(JSON.stringify(packet)));
  const datagrams = createSocket('udp4', (bytes) => print(readHep(bytes).packets));
  const streams = createServer((socket) => {
    let waiting = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const { packets, rest } = readHep(Buffer.concat([waiting, bytes]));
      waiting = Buffer.from(rest);
      print(packets);
    });
  });
  datagrams.bind(port, '127.0.0.1', () => {
    const bound = datagrams.address().port;
    streams.listen(bound, '127.0.0.1', () => console.log(JSON.stringify({ listens: bound })));
  });
}

if (require.main === module) collect(Number(process.argv[2] ?? 0));
