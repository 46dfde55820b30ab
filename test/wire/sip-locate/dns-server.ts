import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const TYPES: Record<number, string> = { 1: 'A', 28: 'AAAA', 33: 'SRV', 35: 'NAPTR' };

export interface DnsServer {
  /** `127.0.0.1:port`, as `Resolver.setServers` wants it. */
  address: string;
  /** `TYPE name` of every query that came. */
  queries: string[];
  close(): Promise<void>;
}

/**
 * A name server on 127.0.0.1 that answers from a table of `TYPE name` to the data of its records
 * (`a`, `naptr` and `srv` make them) and NXDOMAIN to everything else.
 */
export async function startDnsServer(zone: Record<string, Buffer[]>): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const queries: string[] = [];
  socket.on('error', () => {});
  socket.on('message', (query, peer) => {
    const { name, end } = readName(query, 12);
    const type = query.readUInt16BE(end);
    const key = `${TYPES[type] ?? type} ${name}`;
    queries.push(key);
    const records = zone[key] ?? [];
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(records.length > 0 ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    const answers = records.map((data) => {
      const head = Buffer.alloc(12);
      head.writeUInt16BE(0xc00c, 0);
      head.writeUInt16BE(type, 2);
      head.writeUInt16BE(1, 4);
      head.writeUInt32BE(60, 6);
      head.writeUInt16BE(data.length, 10);
      return Buffer.concat([head, data]);
    });
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...answers]), peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    queries,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

export function a(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

export function srv(priority: number, weight: number, port: number, name: string): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(priority, 0);
  head.writeUInt16BE(weight, 2);
  head.writeUInt16BE(port, 4);
  return Buffer.concat([head, writeName(name)]);
}

export function naptr(order: number, preference: number, service: string, replacement: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(order, 0);
  head.writeUInt16BE(preference, 2);
  return Buffer.concat([head, writeText('s'), writeText(service), writeText(''), writeName(replacement)]);
}

function writeText(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
}

function writeName(name: string): Buffer {
  return Buffer.concat([...name.split('.').map(writeText), Buffer.from([0])]);
}

function readName(packet: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let position = start;
  while (packet[position] !== 0) {
    const length = packet[position];
    labels.push(packet.toString('latin1', position + 1, position + 1 + length).toLowerCase());
    position += 1 + length;
  }
  return { name: labels.join('.'), end: position + 1 };
}
