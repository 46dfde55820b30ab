/**
 * `npm run bench:media -- captures [streams] [seconds] [rounds]`: CPU of a call whose packets are captured over that of one
 * whose are not. Each measurement is a process of its own, in turns, and the median of the rounds counts; prints JSON.
 */
import { spawnSync } from 'node:child_process';
import { duplex } from './streams';

const KINDS = ['off', 'headers', 'audio'] as const;
type Kind = (typeof KINDS)[number];

/** Largest shares of CPU that a capture may add. */
const TARGETS = { headers: 0.03, audio: 0.08 } as const;

function measure(kind: Kind, streams: number, seconds: number): number {
  const args = [...process.execArgv, __filename, 'one', kind, String(streams), String(seconds)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const figure = Number(stdout.trim().split('\n').at(-1));
  if (!(figure > 0)) throw new Error(stderr || stdout);
  return figure;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Compares the kinds of a round with its own `off`, so that what the machine does meanwhile falls out. */
function compare(streams: number, seconds: number, rounds: number): void {
  const ratios: Record<Exclude<Kind, 'off'>, number[]> = { headers: [], audio: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? KINDS : KINDS.toReversed();
    const figures = Object.fromEntries(order.map((kind) => [kind, measure(kind, streams, seconds)]));
    ratios.headers.push(figures.headers / figures.off);
    ratios.audio.push(figures.audio / figures.off);
    console.log(
      `round ${round + 1}: ${KINDS.map((kind) => `${kind} ${figures[kind].toFixed(2)} µs`).join(', ')}`,
    );
  }
  const added = { headers: median(ratios.headers) - 1, audio: median(ratios.audio) - 1 };
  for (const kind of ['headers', 'audio'] as const) {
    const met = added[kind] <= TARGETS[kind] ? 'met   ' : 'MISSED';
    console.log(
      `${met} capture of ${kind}: ${(100 * added[kind]).toFixed(1)} % (≤ ${100 * TARGETS[kind]} %)`,
    );
  }
  console.log(JSON.stringify({ streams, rounds, added, ratios }));
}

async function main([first, ...rest]: string[]): Promise<void> {
  if (first === 'one') {
    const [kind, streams, seconds] = rest;
    const capture = kind === 'off' ? {} : { capture: kind as Exclude<Kind, 'off'> };
    console.log((await duplex(Number(streams), Number(seconds), capture)).cpuUsPerPacket);
  } else {
    compare(Number(first ?? 300), Number(rest[0] ?? 5), Number(rest[1] ?? 9));
  }
}

void main(process.argv.slice(2));
