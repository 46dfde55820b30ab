// The baseline: the messages of a call as fixed texts over one socket, without parsing, transactions or calls.
// Its cost is that of the machine and Node.js for six datagrams.
import { createSocket, type RemoteInfo } from 'node:dgram';
import { FIXED_SDP } from './fixed-sdp';
import { pace } from './pacer';
import type { DialReport, PhoneAnswers, PhoneCommand } from './phone-protocol';
import { processUsage } from './process-usage';
import { serve } from './serve';

const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
/** Our calls by Call-ID: when they were placed, and the callbacks for answer and end. */
const placed = new Map<string, { begin: number; answered(setupMs: number): void; over(): void }>();

socket.on('message', (bytes, remote) => {
  const text = bytes.toString('latin1');
  if (text.startsWith('INVITE ')) {
    respond(text, remote, '180 Ringing', '');
    respond(text, remote, '200 OK', FIXED_SDP);
  } else if (text.startsWith('BYE ')) respond(text, remote, '200 OK', '');
  else if (text.startsWith('SIP/2.0 200 ')) succeeded(text, remote);
});

serve(async (command: PhoneCommand): Promise<PhoneAnswers[keyof PhoneAnswers]> => {
  switch (command.type) {
    case 'start':
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
      return socket.address();
    case 'dial':
      return dialAll(command);
    case 'usage':
      return usage();
    case 'close':
      socket.close();
      return undefined;
    case 'endAll':
      throw new Error('There are no calls without a SIP stack.');
  }
});

async function dialAll({ target, rate, calls }: PhoneCommand & { type: 'dial' }): Promise<DialReport> {
  const setupMs: number[] = [];
  const begin = performance.now();
  const [host, port] = target.slice(target.indexOf('@') + 1).split(':');
  const remote = { address: host, port: Number(port) };
  const all: Promise<void>[] = [];
  await pace(calls, rate, (index) => {
    const callId = `bare-${begin}-${index}`;
    all.push(
      new Promise((over) => {
        placed.set(callId, { begin: performance.now(), answered: (ms) => setupMs.push(ms), over });
      }),
    );
    request('INVITE', callId, `<${target}>`, remote, FIXED_SDP);
  });
  await Promise.all(all);
  return { failures: 0, setupMs, elapsedMs: performance.now() - begin };
}

function succeeded(text: string, remote: RemoteInfo): void {
  const callId = field(text, 'Call-ID');
  const call = placed.get(callId);
  if (field(text, 'CSeq').endsWith('BYE')) {
    placed.delete(callId);
    call?.over();
    return;
  }
  const to = field(text, 'To');
  request('ACK', callId, to, remote, '');
  request('BYE', callId, to, remote, '');
  call?.answered(performance.now() - call.begin);
}

function request(
  method: string,
  callId: string,
  to: string,
  { address, port }: { address: string; port: number },
  body: string,
): void {
  const us = `127.0.0.1:${socket.address().port}`;
  const cseq = method === 'BYE' ? 2 : 1;
  const text =
    `${method} sip:sipp@${address}:${port} SIP/2.0\r\nVia: SIP/2.0/UDP ${us};branch=z9hG4bK${callId}${method};rport\r\n` +
    `Max-Forwards: 70\r\nFrom: <sip:bench@${us}>;tag=${callId}\r\nTo: ${to}\r\nCall-ID: ${callId}\r\nCSeq: ${cseq} ${method}\r\n` +
    `Contact: <sip:bench@${us}>\r\n`;
  send(text, body, port, address);
}

function respond(text: string, { address, port }: RemoteInfo, status: string, body: string): void {
  const us = `127.0.0.1:${socket.address().port}`;
  const to = field(text, 'To');
  const tagged = to.includes(';tag=') ? to : `${to};tag=bare`;
  send(
    `SIP/2.0 ${status}\r\nVia: ${field(text, 'Via')}\r\nFrom: ${field(text, 'From')}\r\nTo: ${tagged}\r\n` +
      `Call-ID: ${field(text, 'Call-ID')}\r\nCSeq: ${field(text, 'CSeq')}\r\nContact: <sip:bench@${us}>\r\n`,
    body,
    port,
    address,
  );
}

function send(head: string, body: string, port: number, address: string): void {
  const type = body === '' ? '' : 'Content-Type: application/sdp\r\n';
  socket.send(`${head}${type}Content-Length: ${body.length}\r\n\r\n${body}`, port, address);
}

/** Value of a header field that is written just so. */
function field(text: string, name: string): string {
  const start = text.indexOf(`\r\n${name}: `) + name.length + 4;
  return text.slice(start, text.indexOf('\r\n', start));
}

function usage(): PhoneAnswers['usage'] {
  return { ...processUsage(), live: placed.size, ended: 0, broken: 0, warnings: [] };
}
