/** Values that parsers stumble over. */
const NASTY = [
  '',
  ' ',
  '0',
  '-1',
  '4294967296',
  '99999999999999999999999',
  'NaN',
  '"',
  '"unclosed',
  '<',
  '>',
  '<sip:a@b',
  'sip:',
  'sip:@',
  'sip:a@[::1',
  'tel:+49;phone-context=;',
  ';',
  ';;;;=;=',
  ',',
  ',,,,',
  '%00',
  '%zz',
  '\0',
  '\x7f\x80\xff',
  '__proto__',
  'constructor',
  '\u00fc\u4e2d'.normalize(),
  'A'.repeat(3000),
  ';a=b'.repeat(500),
  '<'.repeat(300),
  '\t \t ',
  'SIP/2.0/UDP',
  'z9hG4bK',
  'application/sdp',
  'multipart/mixed;boundary=x',
] as const;

/** Header names with a meaning of their own. */
const NAMES = [
  'Via',
  'Route',
  'Record-Route',
  'Contact',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Require',
  'Proxy-Require',
  'Supported',
  'Content-Length',
  'Content-Type',
  'Content-Encoding',
  'Content-Disposition',
  'Expires',
  'RSeq',
  'RAck',
  'Replaces',
  'Refer-To',
  'Session-Expires',
  'Min-SE',
  'Authorization',
  'WWW-Authenticate',
  'Max-Forwards',
  'Accept',
  'Event',
  'Subscription-State',
  'Warning',
  '__proto__',
] as const;

/** Takes a random source, gives back what became of the text. One octet is one character. */
type Mutation = (text: string, dice: Dice) => string;

/** Random choices from one seeded source. */
export class Dice {
  constructor(private readonly random: () => number) {}

  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }
}

const flipBit: Mutation = (text, dice) => {
  const at = dice.below(text.length);
  const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << dice.below(8)));
  return text.slice(0, at) + flipped + text.slice(at + 1);
};

const removeRange: Mutation = (text, dice) => {
  const at = dice.below(text.length);
  return text.slice(0, at) + text.slice(at + 1 + dice.below(40));
};

const repeatRange: Mutation = (text, dice) => {
  const at = dice.below(text.length);
  return text.slice(0, at + dice.below(60)) + text.slice(at);
};

const insertOctets: Mutation = (text, dice) => {
  const at = dice.below(text.length);
  const octets = Array.from({ length: 1 + dice.below(8) }, () => String.fromCharCode(dice.below(256)));
  return text.slice(0, at) + octets.join('') + text.slice(at);
};

const insertNasty: Mutation = (text, dice) => {
  const at = dice.below(text.length);
  return text.slice(0, at) + dice.pick(NASTY) + text.slice(at);
};

const truncate: Mutation = (text, dice) => text.slice(0, dice.below(text.length));

const changeNumber: Mutation = (text, dice) => {
  const numbers = [...text.matchAll(/\d+/g)];
  if (numbers.length === 0) return text;
  const { index, 0: digits } = dice.pick(numbers);
  const changed = dice.pick([
    '0',
    '1',
    `${Number(digits) + 1}`,
    '65535',
    '65536',
    '2147483648',
    '-1',
    '1e9',
    '007',
  ]);
  return text.slice(0, index) + changed + text.slice(index + digits.length);
};

const looseLineEnds: Mutation = (text, dice) =>
  text.replaceAll('\r\n', dice.pick(['\n', '\r', '\r\n\r', '\n\r', '\r\n ']));

/** Applies a change to one line of the header section. */
const onLine =
  (change: (lines: string[], at: number, dice: Dice) => void): Mutation =>
  (text, dice) => {
    const lines = text.split('\r\n');
    change(lines, dice.below(lines.length), dice);
    return lines.join('\r\n');
  };

const removeLine = onLine((lines, at) => lines.splice(at, 1));
const repeatLine = onLine((lines, at) => lines.splice(at, 0, lines[at]));
const moveLine = onLine((lines, at, dice) =>
  lines.splice(dice.below(lines.length), 0, ...lines.splice(at, 1)),
);
const floodLine = onLine((lines, at, dice) => {
  lines.splice(at, 0, ...Array.from({ length: 50 + dice.below(300) }, () => lines[at]));
});
const addHeader = onLine((lines, at, dice) => {
  lines.splice(Math.max(1, at), 0, `${dice.pick(NAMES)}: ${dice.pick(NASTY)}`);
});
const replaceValue = onLine((lines, at, dice) => {
  const colon = lines[at].indexOf(':');
  if (colon > 0) lines[at] = `${lines[at].slice(0, colon)}: ${dice.pick(NASTY)}`;
});
const swapValues = onLine((lines, at, dice) => {
  const other = dice.below(lines.length);
  const colons = [lines[at].indexOf(':'), lines[other].indexOf(':')];
  if (colons[0] > 0 && colons[1] > 0) {
    lines[at] = lines[at].slice(0, colons[0]) + lines[other].slice(colons[1]);
  }
});

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  removeRange,
  repeatRange,
  insertOctets,
  insertNasty,
  insertNasty,
  truncate,
  changeNumber,
  changeNumber,
  looseLineEnds,
  removeLine,
  repeatLine,
  moveLine,
  floodLine,
  addHeader,
  addHeader,
  replaceValue,
  replaceValue,
  swapValues,
];

/** What one datagram can carry. */
const MAX_OCTETS = 65_000;

/** A message with one to four faults. */
export function mutate(message: string, dice: Dice): string {
  let text = message;
  for (let faults = 1 + dice.below(4); faults > 0 && text.length > 0; faults--) {
    text = dice.pick(MUTATIONS)(text, dice);
  }
  return keepOnThisMachine(text).slice(0, MAX_OCTETS);
}

/** No message may make the phone under test send anything to a stranger. */
function keepOnThisMachine(text: string): string {
  return text.replace(/(?<![\d.])(?!127\.)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}/g, '127.0.0.1');
}
