/** A chunk of a RIFF file with its header; odd bodies are padded unless told otherwise. */
export function chunk(id: string, body: Uint8Array, options: { size?: number; pad?: boolean } = {}): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(options.size ?? body.length, 4);
  const pad = body.length % 2 === 1 && options.pad !== false ? Buffer.alloc(1) : Buffer.alloc(0);
  return Buffer.concat([head, body, pad]);
}

/** A RIFF file of type WAVE. */
export function riff(chunks: Buffer[], options: { id?: string; size?: number } = {}): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return chunk(options.id ?? 'RIFF', body, { size: options.size });
}

/** A format chunk; 16-bit mono PCM at 8 kHz unless told otherwise. */
export function fmt(fields: {
  tag?: number;
  channels?: number;
  rate?: number;
  align?: number;
  bits?: number;
  extra?: Buffer;
}): Buffer {
  const { tag = 1, channels = 1, rate = 8000, bits = 16 } = fields;
  const body = Buffer.alloc(16);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt32LE((rate * channels * bits) >> 3, 8);
  body.writeUInt16LE(fields.align ?? (channels * bits) >> 3, 12);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', Buffer.concat([body, fields.extra ?? Buffer.alloc(0)]));
}
