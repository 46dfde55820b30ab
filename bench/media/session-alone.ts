/**
 * What the code of a session costs without sockets, with few sessions and with many, whose memory no longer fits the
 * caches: `node bench/media/run.mjs session-alone [processes]`. Each figure is of a process of its own, because it depends on where
 * its memory lies; few and many take turns. The last line is JSON.
 */
import { spawnSync } from 'node:child_process';
import { stepsOf } from './allocation';
import { median } from './side-by-side';

/** Sessions, and packet times before the measurement, until V8 has compiled the hot code, and of it. */
const FEW = { sessions: 2, warmUp: 15_000, measured: 20_000 };
const MANY = { sessions: 1500, warmUp: 60, measured: 120 };
const PROCESSES = 10;

export interface SessionAlone {
  /** Median of the processes, µs of CPU per packet sent and received. */
  fewUs: number;
  manyUs: number;
  /** Of the medians. */
  ratio: number;
}

/** µs of CPU for a packet that is sent and received, in this process. */
function usPerPacket({ sessions, warmUp, measured }: typeof FEW): number {
  const steps = Array.from({ length: sessions / 2 }, () => stepsOf('plain'));
  const run = (times: number): void => {
    for (let count = 0; count < times; count++) for (const step of steps) step();
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
