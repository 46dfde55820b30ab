// Another SIP stack in JavaScript as caller and callee, with its transactions and without a model of calls above them: a
// yardstick that is as slow or as fast as the machine.
import { createSocket } from 'node:dgram';
import { createRequire } from 'node:module';
import { FIXED_SDP } from './fixed-sdp';
import { pace } from './pacer';
import type { DialReport, PhoneAnswers, PhoneCommand } from './phone-protocol';
import { processUsage } from './process-usage';
import { serve } from './serve';

interface Message {
  method?: string;
  uri?: string;
  status?: number;
  headers: Record<string, unknown> & { to: { uri: string; params: Record<string, string> } };
  content?: string;
}

/** API of the package `sip`, as far as it is used here. */
interface ForeignStack {
  start(
    options: { port: number; address: string; publicAddress: string; udp: boolean; tcp: boolean },
    onRequest: (request: Message) => void,
  ): void;
  stop(): void;
  makeResponse(request: Message, status: number, reason: string): Message;
  send(message: Message, onResponse?: (response: Message) => void): void;
}

const HOST = '127.0.0.1';
const stack = createRequire(__filename)(process.env.SIPFLOW_BENCH_FOREIGN ?? 'sip') as ForeignStack;
let port = 0;
let tags = 0;
let live = 0;
let ended = 0;

serve(async (command: PhoneCommand): Promise<PhoneAnswers[keyof PhoneAnswers]> => {
  switch (command.type) {
    case 'start':
      port = await freePort();
      // It would take calls to its own public address for calls to itself.
      stack.start({ port, address: HOST, publicAddress: 'bench.invalid', udp: true, tcp: false }, answer);
      return { address: HOST, port };
    case 'usage':
      return { ...processUsage(), live, ended, broken: 0, warnings: [] };
    case 'close':
      stack.stop();
      // Its timers of finished transactions go on for half a minute.
      setImmediate(() => process.exit());
      return undefined;
    case 'dial':
      return dialAll(command);
    case 'endAll':
      throw new Error('The other stack has no calls that stand.');
  }
});

function answer(request: Message): void {
  if (request.method === 'INVITE') {
    live += 1;
    const tag = `foreign${++tags}`;
    stack.send(response(request, 180, 'Ringing', tag));
    const ok = response(request, 200, 'OK', tag);
    ok.headers['content-type'] = 'application/sdp';
    ok.content = FIXED_SDP;
    stack.send(ok);
  } else if (request.method === 'BYE') {
    live -= 1;
    ended += 1;
    stack.send(stack.makeResponse(request, 200, 'OK'));
  }
}

async function dialAll({ target, rate, calls }: PhoneCommand & { type: 'dial' }): Promise<DialReport> {
  const report: DialReport = { failures: 0, setupMs: [], elapsedMs: 0 };
  const begin = performance.now();
  const all: Promise<void>[] = [];
  await pace(calls, rate, (index) => {
    all.push(dialOne(target, `foreign-${begin}-${index}`, report));
  });
  await Promise.all(all);
  report.elapsedMs = performance.now() - begin;
  return report;
}

function dialOne(target: string, callId: string, report: DialReport): Promise<void> {
  const begin = performance.now();
  const us = `sip:bench@${HOST}:${port}`;
  const request = (method: string, seq: number, to: Message['headers']['to'], content?: string): Message => ({
    method,
    uri: target,
    headers: {
      to,
      from: { uri: us, params: { tag: callId } },
      'call-id': callId,
      cseq: { method, seq },
      contact: [{ uri: us }],
      'max-forwards': 70,
      ...(content === undefined ? {} : { 'content-type': 'application/sdp' }),
    },
    ...(content === undefined ? {} : { content }),
  });
  return new Promise((over) => {
    stack.send(request('INVITE', 1, { uri: target, params: {} }, FIXED_SDP), ({ status = 0, headers }) => {
      if (status < 200) return;
      if (status >= 300) {
        report.failures += 1;
        over();
        return;
      }
      report.setupMs.push(performance.now() - begin);
      stack.send(request('ACK', 1, headers.to));
      stack.send(request('BYE', 2, headers.to), () => over());
    });
  });
}

function response(request: Message, status: number, reason: string, tag: string): Message {
  const made = stack.makeResponse(request, status, reason);
  made.headers.to.params.tag = tag;
  made.headers.contact = [{ uri: `sip:bench@${HOST}:${port}` }];
  return made;
}

/** The other stack takes no port 0. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve));
  const { port: free } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return free;
}
