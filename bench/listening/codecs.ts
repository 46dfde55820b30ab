import {
  decodePcma,
  decodePcmu,
  encodePcma,
  encodePcmu,
  G722Decoder,
  G722Encoder,
  loadOpus,
  PacketLossConcealer,
} from '../../lib/audio';

/** Samples as they come out of the receiver, and which of them stand for lost packets. */
export interface Received {
  samples: Int16Array;
  /** 1 for each sample that was made up. */
  lost: Uint8Array;
}

/** A codec between two telephones. */
export interface LineCodec {
  readonly name: string;
  /** Of what goes in and comes out, Hz. */
  readonly rate: number;
  /** Sends audio in packets of 20 ms; the receiver conceals those for which `isLost` says so. */
  carry(audio: Int16Array, isLost: (packet: number) => boolean): Promise<Received>;
}

const PACKETS_PER_SECOND = 50;

interface Coder {
  /** Encodes a packet and decodes it into `out`; `false` when it was lost and `out` is the decoder's replacement. */
  packet(pcm: Int16Array, out: Int16Array, lost: boolean): void;
  free?(): void;
}

export const LINE_CODECS: readonly LineCodec[] = [
  lineCodec('PCMU', 8000, () => bytewise(encodePcmu, decodePcmu)),
  lineCodec('PCMA', 8000, () => bytewise(encodePcma, decodePcma)),
  lineCodec('G722', 16_000, g722),
  lineCodec('OPUS', 48_000, opus),
];

function lineCodec(name: string, rate: number, make: () => Coder | Promise<Coder>): LineCodec {
  return {
    name,
    rate,
    carry: async (audio, isLost) => {
      const coder = await make();
      const size = rate / PACKETS_PER_SECOND;
      const packets = Math.floor(audio.length / size);
      const samples = new Int16Array(packets * size);
      const lost = new Uint8Array(packets * size);
      for (let packet = 0; packet < packets; packet++) {
        const from = packet * size;
        const gone = isLost(packet);
        coder.packet(audio.subarray(from, from + size), samples.subarray(from, from + size), gone);
        if (gone) lost.fill(1, from, from + size);
      }
      coder.free?.();
      return { samples, lost };
    },
  };
}

function bytewise(
  encode: (pcm: Int16Array, bytes: Uint8Array) => void,
  decode: (bytes: Uint8Array, pcm: Int16Array) => void,
): Coder {
  const concealer = new PacketLossConcealer('pitch', 8000);
  return {
    packet: (pcm, out, lost) => {
      if (lost) {
        concealer.conceal(out, 0, out.length);
        return;
      }
      const bytes = new Uint8Array(pcm.length);
      encode(pcm, bytes);
      decode(bytes, out);
      concealer.good(out, 0, out.length);
    },
  };
}

function g722(): Coder {
  const encoder = new G722Encoder();
  const decoder = new G722Decoder();
  const concealer = new PacketLossConcealer('pitch', 16_000);
  return {
    packet: (pcm, out, lost) => {
      const bytes = new Uint8Array(pcm.length / 2);
      encoder.encode(pcm, bytes);
      if (lost) {
        concealer.conceal(out, 0, out.length);
        return;
      }
      decoder.decode(bytes, out);
      concealer.good(out, 0, out.length);
    },
  };
}

async function opus(): Promise<Coder> {
  const library = await loadOpus();
  const format = { sampleRate: 48_000, channels: 1 } as const;
  const encoder = await library.createEncoder({
    ...format,
    application: 2048,
    bitrate: 24_000,
    complexity: 0,
    fec: false,
    packetLossPercent: 0,
  });
  const decoder = await library.createDecoder(format);
  return {
    packet: (pcm, out, lost) => {
      const bytes = encoder.encode(pcm, { frameSize: pcm.length, maxPacketBytes: 1275 });
      out.set(decoder.decode(lost ? null : bytes, lost ? { frameSize: out.length } : undefined));
    },
    free: () => {
      encoder.free();
      decoder.free();
    },
  };
}
