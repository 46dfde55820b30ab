import { createSocket } from 'node:dgram';
import type { Call, CallInfo, DigitEvent, Phone, RecordingReport, Running } from '../../lib/calls';
import { Pbx } from '../support/pbx';
import { Phones, receive } from '../support/phones';
import type { Command, CommandName, Figures, PhoneCommands, Reply } from './support/phone-commands';

/*
 * A network-mode phone in a process of its own, which a test has started in a network namespace and which it tells
 * over the channel of node:child_process what to do.
 */

const STATISTICS_SECONDS = 1;

/** Something that is waited for, and comes once. */
class Awaited<T> {
  readonly value: Promise<T>;
  come: (this: void, value: T) => void = () => undefined;

  constructor() {
    this.value = new Promise((resolve) => (this.come = resolve));
  }
}

const phones = new Phones({ mode: 'network', statisticsInterval: STATISTICS_SECONDS });
const registration = new Awaited<void>();
const answered = new Awaited<void>();
const digits: DigitEvent[] = [];
const samples: Figures[] = [];
let phone: Phone | undefined;
let pbx: Pbx | undefined;
let call: Call | undefined;
let lastWord = new Awaited<CallInfo>();
let recording: Running<RecordingReport> | undefined;

function follow(next: Call): void {
  call = next;
  lastWord = new Awaited();
  digits.length = 0;
  samples.length = 0;
  next.on('digit', (digit) => digits.push(digit));
  next.on('statistics', (figures) => samples.push(figures));
  next.on('ended', lastWord.come);
}

function existing<T>(thing: T | undefined, name: string): T {
  if (!thing) throw new Error(`there is no ${name}`);
  return thing;
}

const commands: PhoneCommands = {
  async start({ dn, ...options }) {
    phone = phones.create(dn, options);
    phone.on('registration', ({ state }) => {
      if (state === 'registered') registration.come();
    });
    receive(phone, (incoming) => {
      follow(incoming);
      // A call that cannot be answered shows in the outcome of its caller.
      incoming.answer().then(
        () => answered.come(),
        () => undefined,
      );
    });
    await phone.start();
    return phone.address?.port ?? 0;
  },
  registered: () => registration.value,
  async dial(target) {
    const began = performance.now();
    const outgoing = await existing(phone, 'phone').dial({ target });
    follow(outgoing);
    const { sip } = await outgoing.outcome;
    return { status: sip.status ?? 0, setUpMs: performance.now() - began };
  },
  called: () => answered.value,
  async record() {
    recording = await existing(call, 'call').record({ file: '{{call}}.wav', channels: 'received' });
  },
  async play(file) {
    const running = await existing(call, 'call').play({ source: file });
    await running.finished;
  },
  async recorded() {
    const running = existing(recording, 'recording');
    running.stop();
    return (await running.finished).file;
  },
  async press(keys) {
    await existing(call, 'call').sendDigits({ digits: keys, method: 'rfc4733' });
  },
  digits: async () => digits,
  samples: async () => samples,
  async hangUp() {
    await existing(call, 'call').hangup();
    return lastWord.value;
  },
  ended: () => lastWord.value,
  async startPbx(host, passwords) {
    pbx = await Pbx.open(passwords, host);
    return pbx.port;
  },
  knock: (address) =>
    new Promise((resolve) => {
      const socket = createSocket('udp4');
      socket.send('knock', 9, address, () => socket.close(() => resolve()));
    }),
  async close() {
    await phones.close();
    await pbx?.close();
  },
};

/** The arguments were checked when the test was compiled. */
const untyped = commands as unknown as Record<CommandName, (...args: unknown[]) => Promise<unknown>>;

async function obey({ id, name, args }: Command): Promise<void> {
  const reply: Reply = await untyped[name](...args).then(
    (value) => ({ id, value }),
    (error: unknown) => ({ id, error: String(error) }),
  );
  process.send?.(reply);
}

process.on('message', (command: Command) => void obey(command));
// Nobody listens any more when the test has ended, however it ended.
process.on('disconnect', () => process.exit());
