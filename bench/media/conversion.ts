import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { convertWav, convertWavBytes } from '../../lib/audio/convert';
import type { ByteSource } from '../../lib/audio/wav-header';
import { WAV_HEADER_BYTES, writeWavHeader } from '../../lib/audio/wav-writer';

/**
 * Figures of converting WAV files to 8 kHz mono, printed as one line of JSON. A process of its own, because
 * the memory that it takes is one of the figures. The hour is converted in a worker, as the engine does it.
 */
const RATE = 44100;
const TARGET = 8000;
const FULL = 32767;

/** A stereo file of so many seconds, made up while it is read, so that no disk is measured. */
function madeUp(seconds: number): ByteSource {
  const bytes = seconds * RATE * 4;
  const header = new Uint8Array(WAV_HEADER_BYTES);
  writeWavHeader(header, { sampleRate: RATE, channels: 2 }, bytes);
  const noise = new Uint8Array(1 << 16);
  for (let index = 0; index < noise.length; index++) noise[index] = (index * 2654435761) >>> 24;
  return {
    size: WAV_HEADER_BYTES + bytes,
    read(offset, length) {
      if (offset < WAV_HEADER_BYTES) return header.subarray(offset, offset + length);
      return noise.subarray(0, Math.min(length, noise.length, WAV_HEADER_BYTES + bytes - offset));
    },
  };
}

function timed(run: () => void): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}

function consume(source: ByteSource): void {
  for (const piece of convertWav(source, TARGET)) if (piece.length > TARGET * 60) throw new Error('too much');
}

/** Level in dBFS (0 = full-scale sine) of a full-scale tone after conversion. */
function levelOf(hz: number): number {
  const bytes = new Uint8Array(WAV_HEADER_BYTES + RATE * 2);
  writeWavHeader(bytes, { sampleRate: RATE, channels: 1 }, RATE * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < RATE; index++) {
    const value = Math.round(FULL * Math.sin((2 * Math.PI * hz * index) / RATE));
    view.setInt16(WAV_HEADER_BYTES + 2 * index, value, true);
  }
  const settled = convertWavBytes(bytes, TARGET).subarray(TARGET / 5, (TARGET * 4) / 5);
  const energy = settled.reduce((sum, sample) => sum + sample * sample, 0);
  return 20 * Math.log10(Math.max(1e-6, Math.sqrt((2 * energy) / settled.length) / FULL));
}

/** The largest resident memory so far, MB. */
function peakMb(): number {
  try {
    // Linux's `maxRSS` begins with that of the process which started this one.
    const [, kilobytes] = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}

/**
 * Resolves with the peak of memory, the time, and for how long this thread was at work meanwhile, in sum: no single
 * block of it was longer. Other work of the machine delays this thread too, but is not counted.
 */
function convertHour(): Promise<{ rssMb: number; ms: number; mainBlockedMs: number }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(__filename);
    const before = performance.eventLoopUtilization();
    worker.once('error', reject);
    worker.once('message', (ms: number) =>
      resolve({ rssMb: peakMb(), ms, mainBlockedMs: performance.eventLoopUtilization(before).active }),
    );
  });
}

async function main(): Promise<void> {
  const aliases = [4700, 5000, 6000, 7900, 9000, 11000, 12100, 15000, 19900].map(levelOf);
  const passband = [100, 300, 1000, 2000, 3000, 3300, 3400].map(levelOf);
  const ms = timed(() => consume(madeUp(60)));
  const resample = { aliasDbfs: Math.max(...aliases), passbandDb: Math.max(...passband.map(Math.abs)), ms };
  console.log(JSON.stringify({ resample, hour: await convertHour() }));
}

if (isMainThread) void main();
else parentPort?.postMessage(timed(() => consume(madeUp(3600))));
