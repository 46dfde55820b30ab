import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallCapture, CallInfo, Phone, PhoneOptions } from '../../lib/calls';
import { parse, RawPeer, request, response } from '../wire/sip/support/raw-peer';
import { connect, nextCall, type Phones } from './phones';

/** A call that has ended, with what is known of it in two ways. */
export interface CapturedCall {
  capture: CallCapture;
  info: CallInfo;
  /** Digits that it has received, and those that it has sent. */
  received: string;
  sent: string;
}

/** A call between two simulated phones with such settings, in which both press digits. */
export async function simulatedCall(
  phones: Phones,
  options: Partial<PhoneOptions>,
): Promise<{ caller: CapturedCall; callee: CapturedCall }> {
  const alice = await phones.phone('1001', options);
  const bob = await phones.phone('1002', options);
  const { out, in: answered } = await connect(alice, bob);
  await Promise.all([
    out.sendDigits({ digits: '12#', method: 'rfc4733' }),
    answered.sendDigits({ digits: '9', method: 'rfc4733' }),
  ]);
  while (out.receivedDigits.length < 1 || answered.receivedDigits.length < 3) await delay(20);
  await out.hangup();
  if (answered.state !== 'ended') await new Promise<void>((ended) => answered.on('ended', () => ended()));
  const of = async (call: typeof out | typeof answered, sent: string): Promise<CapturedCall> => ({
    capture: await call.capture(),
    info: await call.info(),
    received: call.receivedDigits.map(({ digit }) => digit).join(''),
    sent,
  });
  return { caller: await of(out, '12#'), callee: await of(answered, '9') };
}

/** Packets of the peer of `lossyCall`. */
export const LOSSY = { sent: 200, lost: 19 } as const;

/** A call of a raw peer that loses every tenth packet of its audio, sends at uneven times, and presses a digit. */
export async function lossyCall(phone: Phone): Promise<CapturedCall> {
  const peer = await RawPeer.open();
  const rtp = createSocket('udp4');
  rtp.bind(0, '127.0.0.1');
  await once(rtp, 'listening');
  try {
    const port = phone.address?.port ?? 0;
    const body = [
      'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0',
      `m=audio ${rtp.address().port} RTP/AVP 8 96`,
      'a=rtpmap:96 telephone-event/8000',
      '',
    ].join('\r\n');
    const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: `lossy-${peer.port}` };
    const incoming = nextCall(phone);
    peer.send(request('INVITE', { ...parts, body }), port);
    const call = await incoming;
    const answering = call.answer();
    const ok = await peer.next('SIP/2.0 200');
    const to = ok.header('To');
    const { body: answer } = parse(ok.text);
    const target = Number(/m=audio (\d+)/.exec(answer)?.[1]);
    peer.send(request('ACK', { ...parts, to }), port);
    await answering;
    for (let count = 0; count < LOSSY.sent; count++) {
      if (count % 10 !== 9 || count === LOSSY.sent - 1) rtp.send(audio(count), target, '127.0.0.1');
      if (count % 4 === 3) await delay(3 + (count % 8));
    }
    for (const [index, duration] of [400, 800, 1200, 1200, 1200].entries()) {
      rtp.send(event(LOSSY.sent + index, duration, index >= 2), target, '127.0.0.1');
    }
    while (call.receivedDigits.length < 1) await delay(20);
    const ending = call.hangup();
    const bye = await peer.next('BYE');
    peer.send(response(bye, '200 OK'), bye.port);
    await ending;
    const info = await call.info();
    assert.equal(info.rtp?.received.lost, LOSSY.lost);
    return { capture: await call.capture(), info, received: '5', sent: '' };
  } finally {
    await peer.close();
    rtp.close();
    await once(rtp, 'close');
  }
}

function header(payloadType: number, sequence: number, timestamp: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(0x8000 | payloadType);
  bytes.writeUInt16BE(sequence, 2);
  bytes.writeUInt32BE(timestamp, 4);
  bytes.writeUInt32BE(0x5eed, 8);
  return bytes;
}

function audio(count: number): Buffer {
  return Buffer.concat([header(8, count, count * 160), Buffer.alloc(160, 0xd5)]);
}

function event(count: number, duration: number, isEnd: boolean): Buffer {
  const payload = Buffer.from([5, isEnd ? 0x8a : 0x0a, duration >> 8, duration & 0xff]);
  return Buffer.concat([header(96, count, LOSSY.sent * 160), payload]);
}
