/**
 * What the code of a session costs without sockets, with few sessions and with many, whose memory no longer fits the
 * caches: `node bench/media/run.mjs session-alone [processes]`. They run on a wheel, as in a worker; what they send arrives when the wheel
 * has turned. Each figure is of a process of its own, because it depends on where
 * its memory lies; few and many take turns. The last line is JSON.
 */
import { spawnSync } from 'node:child_process';
import type { BoundPort, PacketHandler } from '../../lib/media/worker/bound-port';
import { Session } from '../../lib/media/worker/session';
import { SlotWheel } from '../../lib/media/worker/wheel';
import { bareContext, PLAIN, PTIME_MS, START } from './bare-sessions';
import { median } from './side-by-side';

/** Sessions, and packet times before the measurement, until V8 has compiled the hot code, and of it. */
const FEW = { sessions: 2, warmUp: 15_000, measured: 60_000 };
const MANY = { sessions: 1500, warmUp: 60, measured: 120 };
const PROCESSES = 10;

export interface SessionAlone {
  /** Median of the processes, µs of CPU per packet sent and received. */
  fewUs: number;
  manyUs: number;
  /** Of the medians. */
  ratio: number;
}

/** What was sent in a turn of the wheel, until it is delivered. */
class Network {
  /** By their place in the turn, then by length: a packet fills its buffer exactly. */
  readonly #buffers: Buffer[][] = [];
  readonly #lengths: number[] = [];
  readonly #to: Port[] = [];
  #count = 0;

  send(packet: Uint8Array, length: number, to: Port): void {
    const place = this.#count++;
    const buffer = ((this.#buffers[place] ??= [])[length] ??= Buffer.alloc(length));
    for (let index = 0; index < length; index++) buffer[index] = packet[index];
    this.#lengths[place] = length;
    this.#to[place] = to;
  }

  deliver(now: number): void {
    for (let place = 0; place < this.#count; place++) {
      this.#to[place].onRtp?.(this.#buffers[place][this.#lengths[place]], '127.0.0.1', 4000, now);
    }
    this.#count = 0;
  }
}

/** Takes the place of a bound port. */
class Port {
  peer: Port = this;
  onRtp: PacketHandler | undefined;

  constructor(private readonly network: Network) {}

  wireAddress(address: string): string {
    return address;
  }

  open(onRtp: PacketHandler): void {
    this.onRtp = onRtp;
  }

  sendRtp(packet: Uint8Array, length: number): boolean {
    this.network.send(packet, length, this.peer);
    return true;
  }
}

/** µs of CPU for a packet that is sent and received, in this process. */
function usPerPacket({ sessions, warmUp, measured }: typeof FEW): number {
  const wheel = new SlotWheel(START);
  const network = new Network();
  const context = bareContext(wheel);
  const ports = Array.from({ length: sessions }, () => new Port(network));
  ports.forEach((port, index) => {
    port.peer = ports[index ^ 1];
    new Session(index + 1, port as unknown as BoundPort, PLAIN, context);
  });
  let now = START;
  const clock = (): number => now;
  const run = (packetTimes: number): void => {
    const end = now + packetTimes * PTIME_MS;
    while (now < end) {
      now = wheel.nextDue() + 0.3;
      wheel.advance(clock);
      network.deliver(now);
    }
  };
  run(warmUp);
  const before = process.cpuUsage();
  run(measured);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (measured * sessions);
}

/** Runs that many processes of each kind. */
export function measureSessionAlone(processes = PROCESSES): SessionAlone {
  const us = ({ sessions }: typeof FEW): number => {
    const { stdout } = spawnSync(process.execPath, [__filename, 'one', String(sessions)], {
      encoding: 'utf8',
    });
    return Number(stdout);
  };
  const few: number[] = [];
  const many: number[] = [];
  for (let count = 0; count < processes; count++) {
    few.push(us(FEW));
    many.push(us(MANY));
  }
  const [fewUs, manyUs] = [median(few), median(many)];
  console.log(
    `session code alone: ${fewUs.toFixed(2)} µs per packet with ${FEW.sessions} sessions, ${manyUs.toFixed(2)} with ${MANY.sessions} ` +
      `(${Math.min(...many).toFixed(2)} to ${Math.max(...many).toFixed(2)})`,
  );
  return { fewUs, manyUs, ratio: manyUs / fewUs };
}

if (require.main === module) {
  const [word, sessions] = process.argv.slice(2);
  if (word === 'one') console.log(usPerPacket(Number(sessions) === FEW.sessions ? FEW : MANY));
  else console.log(JSON.stringify(measureSessionAlone(word === undefined ? undefined : Number(word))));
}
