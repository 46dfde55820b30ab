/** The system under test, as a process of its own: phones whose called number says which fault the call has. */
import { setTimeout as pause } from 'node:timers/promises';
import { createWorld, type IncomingCall, type PhoneSettings } from '../../lib';
import { PORTS_EACH, RTP_PORTS } from './bad-network';
import { FAULTS, type Behaviour } from './faults';

const world = createWorld();

/** Answers, plays, waits for a digit, answers it with two, and hangs up: unless the fault of the call has it otherwise. */
async function treat(call: IncomingCall, behaviour: Behaviour): Promise<void> {
  const { status, answerAfterMs = 100, codecs, ticket = 'T-1', hangUp = 'done' } = behaviour;
  if (status !== undefined) return call.reject({ status }).then(() => undefined);
  if (behaviour.neverAnswers) return;
  if (behaviour.ring === 'early') await call.startEarlyMedia();
  await pause(answerAfterMs);
  await call.answer({
    ...(codecs && { codecs }),
    ...(ticket !== null && { headers: { 'X-Ticket': ticket } }),
  });
  const end = async (): Promise<void> => {
    const { goodbye = 'Q.850;cause=16;text="done"' } = behaviour;
    await call.hangup(goodbye === null ? {} : { headers: { Reason: goodbye } });
  };
  if (typeof hangUp === 'number') void pause(hangUp).then(end);
  // Whoever records the call has begun by then: a prompt whose beginning is missing is not recognised.
  await pause(behaviour.promptAfterMs ?? 300);
  await say(call, behaviour);
  const { digits } = await call.gather(
    behaviour.deaf ? { pattern: '9{20}', firstDigitTimeout: 60 } : { maxDigits: 1, firstDigitTimeout: 20 },
  );
  const { digits: reply = '47', toneMs = 100, gapMs = 80 } = behaviour;
  if (digits === '1' && reply !== '') await call.sendDigits({ digits: reply, toneMs, gapMs });
  await pause(behaviour.lingerMs ?? 300);
  if (hangUp === 'done') await end();
}

async function say(
  call: IncomingCall,
  { prompt = 'sipflow:welcome', promptLength }: Behaviour,
): Promise<void> {
  const isEndless = !prompt.startsWith('sipflow:');
  const maxDuration = promptLength ?? (isEndless ? 2 : undefined);
  const playback = await call.play({ source: prompt, ...(maxDuration !== undefined && { maxDuration }) });
  await playback.finished;
}

async function phone(settings: Partial<PhoneSettings>): Promise<number> {
  const made = world.phone({
    number: 'system',
    mode: 'network',
    bindAddress: '127.0.0.1',
    port: 0,
    codecs: ['PCMU', 'PCMA', 'G722'],
    maxCalls: 1000,
    headers: { 'X-System': 'mutants' },
    ...settings,
  });
  const good: Behaviour = {};
  made.onCall((call) => treat(call, good).catch(() => undefined), { match: 'good' });
  for (const [match, { behaviour }] of Object.entries(FAULTS)) {
    const ring = (behaviour.ring ?? true) === true;
    made.onCall((call) => treat(call, behaviour).catch(() => undefined), { match, ring });
  }
  await made.start();
  return made.address?.port ?? 0;
}

async function main(): Promise<void> {
  const ports: Record<string, number> = {};
  const plain = await phone({});
  for (const [name, { behaviour }] of Object.entries(FAULTS)) {
    const { rtp } = behaviour;
    const rtpPorts = rtp && { rtpPortMin: RTP_PORTS[rtp], rtpPortMax: RTP_PORTS[rtp] + PORTS_EACH - 1 };
    ports[name] = rtpPorts ? await phone(rtpPorts) : plain;
  }
  process.send?.({ good: plain, ...ports });
  process.on('disconnect', () => void world.close().then(() => process.exit()));
}

void main();
