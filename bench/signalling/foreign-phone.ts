// Another SIP stack in JavaScript as callee, with its transactions and without a model of calls above them: a yardstick
// that is as slow or as fast as the machine.
import { createSocket } from 'node:dgram';
import { createRequire } from 'node:module';
import { FIXED_SDP } from './fixed-sdp';
import type { PhoneAnswers, PhoneCommand } from './phone-protocol';
import { processUsage } from './process-usage';
import { serve } from './serve';

interface Message {
  method?: string;
  headers: Record<string, unknown> & { to: { params: Record<string, string> } };
  content: string;
}

/** What the package `sip` offers of what is used here. */
interface ForeignStack {
  start(
    options: { port: number; address: string; publicAddress: string; udp: boolean; tcp: boolean },
    onRequest: (request: Message) => void,
  ): void;
  stop(): void;
  makeResponse(request: Message, status: number, reason: string): Message;
  send(message: Message): void;
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
      stack.start({ port, address: HOST, publicAddress: HOST, udp: true, tcp: false }, answer);
      return { address: HOST, port };
    case 'usage':
      return { ...processUsage(), live, ended, broken: 0, warnings: [] };
    case 'close':
      stack.stop();
      // Its timers of finished transactions go on for half a minute.
      setImmediate(() => process.exit());
      return undefined;
    case 'dial':
    case 'endAll':
      throw new Error('The other stack plays the callee only.');
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
