import { KEYPAD } from '../../lib/dtmf/frequencies';
import type { Listen } from './listen';
import { presses, type Press } from './signals';

/** Keys of a run; each case is run with several seeds. */
const KEYS = KEYPAD.repeat(10);
const SEEDS = [1, 2, 3];

const DIAL_US = [350, 440];

/** Signals that must be detected completely, or not at all (ITU-T Q.24, with the limits of TIA-464 for dial tone). */
export const CASES: { name: string; accept: boolean; press: Press }[] = [
  { name: '40/40 ms', accept: true, press: {} },
  { name: '10 dB SNR', accept: true, press: { snrDb: 10 } },
  { name: '+1.5 %, 10 dB SNR', accept: true, press: { row: 0.015, column: 0.015, snrDb: 10 } },
  { name: '-1.5 %, 10 dB SNR', accept: true, press: { row: -0.015, column: -0.015, snrDb: 10 } },
  { name: '+1.5/-1.5 %, 10 dB SNR', accept: true, press: { row: 0.015, column: -0.015, snrDb: 10 } },
  { name: 'twist +4 dB', accept: true, press: { twistDb: 4, snrDb: 20 } },
  { name: 'twist -8 dB', accept: true, press: { twistDb: -8, snrDb: 20 } },
  ...[0, -20, -25].map((dbm0) => ({ name: `${dbm0} dBm0`, accept: true, press: { dbm0, snrDb: 20 } })),
  { name: 'A-law, 15 dB SNR', accept: true, press: { law: 'A', snrDb: 15 } },
  { name: 'µ-law, 15 dB SNR', accept: true, press: { law: 'µ', snrDb: 15 } },
  ...[-15, -20].flatMap((underDbm0) =>
    [DIAL_US, [425], [400], [350, 450]].map((under) => ({
      name: `${under.join('+')} Hz at ${underDbm0} dBm0`,
      accept: true,
      press: { under, underDbm0, snrDb: 20 },
    })),
  ),
  { name: '350+440 Hz at -15, 10 dB SNR', accept: true, press: { under: DIAL_US, snrDb: 10 } },
  {
    name: '350+440 Hz at -15, +1.5 %, 15 dB SNR, µ-law',
    accept: true,
    press: { under: DIAL_US, row: 0.015, column: 0.015, snrDb: 15, law: 'µ' },
  },
  { name: '350+440 Hz at -15 under -15 dBm0', accept: true, press: { under: DIAL_US, dbm0: -15, snrDb: 20 } },
  { name: '425 Hz at -15 under -20 dBm0', accept: true, press: { under: [425], dbm0: -20, snrDb: 20 } },
  { name: 'ringback 440+480 Hz at -15', accept: true, press: { under: [440, 480], snrDb: 20 } },
  { name: 'busy 480+620 Hz at -15', accept: true, press: { under: [480, 620], snrDb: 20 } },
  {
    name: '100/100 ms over 350+440 Hz at -15',
    accept: true,
    press: { toneMs: 100, gapMs: 100, under: DIAL_US, snrDb: 20 },
  },
  { name: '+3.5 %', accept: false, press: { row: 0.035, column: 0.035, toneMs: 100 } },
  { name: '-3.5 %', accept: false, press: { row: -0.035, column: -0.035, toneMs: 100 } },
  { name: '+3.5 % of the row', accept: false, press: { row: 0.035, toneMs: 100 } },
  { name: '-3.5 % of the column', accept: false, press: { column: -0.035, toneMs: 100 } },
  {
    name: '+3.5 % over 350+440 Hz',
    accept: false,
    press: { row: 0.035, column: 0.035, toneMs: 100, under: DIAL_US },
  },
  { name: '20 ms', accept: false, press: { toneMs: 20 } },
  { name: '20 ms, 10 dB SNR', accept: false, press: { toneMs: 20, snrDb: 10 } },
  { name: '20 ms over 350+440 Hz', accept: false, press: { toneMs: 20, under: DIAL_US } },
  { name: 'twist 15 dB', accept: false, press: { twistDb: 15 } },
];

export interface Accuracy {
  name: string;
  accept: boolean;
  sent: number;
  heard: number;
  /** All digits and nothing else were detected, or none where none is accepted. */
  met: boolean;
}

/** Runs every case; `heard` counts the runs' digits that agree in order, or with `accept` false any. */
export function measureAccuracy(listen: Listen): Accuracy[] {
  return CASES.map(({ name, accept, press }) => {
    let heard = 0;
    let exact = true;
    for (const seed of SEEDS) {
      const digits = listen(presses(KEYS, press, seed))
        .map(({ digit }) => digit)
        .join('');
      heard += accept ? commonLength(KEYS, digits) : digits.length;
      exact &&= digits === (accept ? KEYS : '');
    }
    return { name, accept, sent: KEYS.length * SEEDS.length, heard, met: exact };
  });
}

/** Length of the longest common subsequence: digits that came through in their order. */
function commonLength(sent: string, heard: string): number {
  let row = new Uint16Array(heard.length + 1);
  for (const digit of sent) {
    const next = new Uint16Array(row.length);
    for (let i = 1; i < row.length; i++) {
      next[i] = digit === heard[i - 1] ? row[i - 1] + 1 : Math.max(row[i], next[i - 1]);
    }
    row = next;
  }
  return row[heard.length];
}
