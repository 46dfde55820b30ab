import type { CaptureRecords } from '../../protocol';
import type { CaptureMode, MediaParameters } from '../../types';
import { isRtcp, RTP_HEADER_LENGTH } from '../rtp-packet';
import type { CaptureMemory } from './capture-memory';
import { CHUNK_BYTES, type ChunkPool } from './chunk-pool';
import { PacketRing } from './packet-ring';
import { MAX_KEPT, OUTGOING, recordSize, RTCP_PORT } from './record';

/** Of the headers of a packet with extensions: more than honest ones have. */
const MAX_HEADERS = 64;
/** Payload of a telephone event (RFC 4733, 2.3). */
const EVENT_BYTES = 4;
/** Addresses that packets of a session may come from or go to; packets of further ones are left out. */
const MAX_ENDPOINTS = 64;
const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * Keeps the packets of one session. Its methods are called for each packet, before it is encrypted or after it was
 * decrypted, and allocate nothing.
 */
export class Capture {
  // What every packet touches stands together, at the beginning of the object.
  readonly #memory: CaptureMemory;
  /** Where the next record stands in the memory, the end of its chunk, and the packets in that. */
  #place = 0;
  #end = 0;
  #packets = 0;
  readonly #withAudio: boolean;
  #eventIn = -1;
  #eventOut = -1;
  #portIn = -1;
  #endpointIn = -1;
  #addressIn = '';
  #portOut = -1;
  #endpointOut = -1;
  #addressOut = '';
  /** What was sent last, and the view of it: all packets of a session are written into the same buffer before they go. */
  #bufferOut = NOTHING;
  #viewOut = NOTHING;

  readonly #ring: PacketRing;
  readonly #addresses: string[] = [];
  readonly #ports: number[] = [];
  readonly #local: CaptureRecords['local'];
  /** Wall-clock milliseconds at which the thread's clock began. */
  readonly #wallOffset = Date.now() - performance.now();

  /**
   * @param local the bound address and its RTP port
   * @param bytes limit of the ring
   */
  constructor(
    mode: CaptureMode,
    local: CaptureRecords['local'],
    { pool, bytes }: { pool: ChunkPool; bytes: number },
  ) {
    this.#memory = pool.memory;
    this.#ring = new PacketRing(pool, bytes);
    this.#withAudio = mode === 'audio';
    this.#local = local;
  }

  /** Payload types of digits, which are kept with the headers. */
  configure({ telephoneEvent }: MediaParameters): void {
    this.#eventIn = telephoneEvent?.receivePayloadType ?? -1;
    this.#eventOut = telephoneEvent?.sendPayloadType ?? -1;
  }

  /** The time of what is sent from now on, by any session of the thread. */
  tick(now: number): void {
    this.#memory.sentAt(now);
  }

  /** A packet came to the RTP port; @param length without what SRTP had appended. */
  received(packet: Uint8Array, length: number, address: string, port: number, at: number): void {
    this.#memory.receivedAt(at);
    this.#add(packet, length, this.#source(address, port), 0, this.#eventIn);
  }

  /** A packet goes out of the RTP port, at the time of the last `tick`. */
  sent(packet: Uint8Array, length: number, address: string, port: number): void {
    if (port !== this.#portOut || address !== this.#addressOut) {
      this.#portOut = port;
      this.#addressOut = address;
      this.#endpointOut = this.#endpoint(address, port);
    }
    const sent = this.#withAudio ? this.#view(packet, length) : packet;
    this.#add(sent, length, this.#endpointOut, OUTGOING, this.#eventOut);
  }

  /** A report came to the port of RTCP. */
  receivedReport(packet: Uint8Array, length: number, address: string, port: number, at: number): void {
    this.#memory.receivedAt(at);
    this.#add(packet, length, this.#endpoint(address, port), RTCP_PORT, -1);
  }

  /** A report goes out of the port of RTCP, at the time of the last `tick`. */
  sentReport(packet: Uint8Array, length: number, address: string, port: number): void {
    this.#add(packet, length, this.#endpoint(address, port), OUTGOING | RTCP_PORT, -1);
  }

  /** A copy of what is kept. */
  read(): CaptureRecords {
    this.#settle();
    return {
      records: this.#ring.read(),
      endpoints: this.#addresses.map((address, index) => ({ address, port: this.#ports[index] })),
      local: this.#local,
      wallOffsetMs: this.#wallOffset,
      leftOut: this.#ring.leftOut,
    };
  }

  /** The session is over. */
  end(): void {
    this.#leaveChunk();
    this.#ring.retire();
  }

  /** Forgets everything. */
  close(): void {
    this.#leaveChunk();
    this.#ring.close();
  }

  #add(packet: Uint8Array, length: number, endpoint: number, flags: number, eventType: number): void {
    if (endpoint < 0) {
      this.#ring.leaveOut();
      return;
    }
    const kept = this.#withAudio ? length : headersOf(packet, length, eventType);
    const limited = kept < MAX_KEPT ? kept : MAX_KEPT;
    const size = recordSize(limited);
    if (this.#place + size > this.#end && !this.#nextChunk()) {
      this.#ring.leaveOut();
      return;
    }
    this.#memory.write(this.#place, this.#end, packet, length, limited, endpoint | (flags << 16));
    this.#place += size;
    this.#packets += 1;
  }

  #nextChunk(): boolean {
    this.#leaveChunk();
    const place = this.#ring.next();
    if (place < 0) return false;
    this.#place = place;
    this.#end = place + CHUNK_BYTES;
    return true;
  }

  #leaveChunk(): void {
    this.#settle();
    this.#place = this.#end = this.#packets = 0;
  }

  #settle(): void {
    if (this.#end > 0) this.#ring.settle(this.#place, this.#packets);
  }

  /** The beginning of a packet that is sent; a view for each would be garbage. */
  #view(packet: Uint8Array, length: number): Uint8Array {
    if (packet !== this.#bufferOut || length !== this.#viewOut.length) {
      this.#bufferOut = packet;
      this.#viewOut = packet.subarray(0, length);
    }
    return this.#viewOut;
  }

  #source(address: string, port: number): number {
    if (port !== this.#portIn || address !== this.#addressIn) {
      this.#portIn = port;
      this.#addressIn = address;
      this.#endpointIn = this.#endpoint(address, port);
    }
    return this.#endpointIn;
  }

  /** Number of an address; −1 when there are too many. */
  #endpoint(address: string, port: number): number {
    const addresses = this.#addresses;
    const ports = this.#ports;
    for (let index = 0; index < ports.length; index++) {
      if (ports[index] === port && addresses[index] === address) return index;
    }
    if (ports.length === MAX_ENDPOINTS) return -1;
    addresses.push(address);
    return ports.push(port) - 1;
  }
}

/** Bytes of a packet before its audio: reports and digits wholly, RTP up to its payload (RFC 3550, 5.1). */
function headersOf(packet: Uint8Array, length: number, eventType: number): number {
  if (isRtcp(packet)) return length;
  let end = RTP_HEADER_LENGTH + 4 * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) !== 0 && end + 4 <= length)
    end += 4 + 4 * ((packet[end + 2] << 8) | packet[end + 3]);
  if ((packet[1] & 0x7f) === eventType) end += EVENT_BYTES;
  if (end > MAX_HEADERS) end = MAX_HEADERS;
  return end < length ? end : length;
}
