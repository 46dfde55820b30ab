// A callee in a process of its own that answers every call at once and knows when each first INVITE came in.
import { createSocket } from 'node:dgram';

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 9 RTP/AVP 0',
  '',
];
const BODY = SDP.join('\r\n');

/** By Call-ID, milliseconds since the epoch. */
const arrivals = new Map<string, number>();
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });

socket.on('message', (message, { address, port }) => {
  const now = performance.timeOrigin + performance.now();
  const text = message.toString('latin1');
  const method = text.slice(0, text.indexOf(' '));
  if (method !== 'INVITE' && method !== 'BYE' && method !== 'CANCEL') return;
  const callId = /^Call-ID: *(\S+)/im.exec(text)?.[1] ?? '';
  if (method === 'INVITE' && !arrivals.has(callId)) arrivals.set(callId, now);
  const isOffer = method === 'INVITE';
  const copied = text.match(/^(Via|From|Call-ID|CSeq|Record-Route): .*$/gim) ?? [];
  const to = (/^To: .*$/im.exec(text)?.[0] ?? '').replace(/;tag=.*/, '');
  const lines = [
    'SIP/2.0 200 OK',
    ...copied,
    `${to};tag=callee`,
    `Contact: <sip:callee@127.0.0.1:${socket.address().port}>`,
    ...(isOffer ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${isOffer ? BODY.length : 0}`,
    '',
    isOffer ? BODY : '',
  ];
  socket.send(lines.join('\r\n'), port, address);
});

socket.bind(0, '127.0.0.1', () => process.send?.({ port: socket.address().port }));
process.on('message', () => {
  process.send?.({ arrivals: [...arrivals.values()].sort((a, b) => a - b) });
  arrivals.clear();
});
process.on('disconnect', () => process.exit());
