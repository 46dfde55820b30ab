import { setPriority } from 'node:os';
import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { type Failure, SipflowError, toSipflowError } from '../../common';
import {
  PROTOCOL_VERSION,
  type BindResult,
  type MediaEvent,
  type MediaNotices,
  type MediaRequests,
  type MediaWorkerData,
  type NoticeMessage,
  type RequestMessage,
  type WorkerMessage,
} from '../protocol';
import { BoundPort } from './bound-port';
import { Captures } from './capture/captures';
import { CommandQueue } from './command-queue';
import { createNativeDriver, DgramDriver, tryNativeDriver } from './datagrams';
import { FileClient } from './file-client';
import { WorkerMeter } from '../meters';
import { prepareCodecs } from './codecs';
import { Session } from './session';
import type { SessionContext } from './session-context';
import { WheelDriver } from './wheel-driver';

/** Nice value of an audio thread; lower is more urgent. */
const THREAD_PRIORITY = -15;

interface Slot {
  bound: BoundPort;
  session?: Session;
}

type RequestHandlers = {
  [K in keyof MediaRequests]: (params: MediaRequests[K]['params']) => Promise<MediaRequests[K]['result']>;
};
type NoticeHandlers = { [K in keyof MediaNotices]: (params: MediaNotices[K]) => void };

/** Runs a media worker: commands in, replies and events out. Nothing a command does can end the thread. */
function run(main: MessagePort, data: MediaWorkerData): void {
  const slots = new Map<number, Slot>();
  const post = (message: WorkerMessage<MediaEvent>): void => main.postMessage(message);
  const meter = new WorkerMeter(data.meter);
  const datagrams = data.descriptors
    ? createNativeDriver(data.descriptors, () => meter.unsent())
    : new DgramDriver();
  const context: SessionContext = {
    wheel: new WheelDriver(datagrams),
    files: new FileClient(),
    captures: new Captures({ bytes: data.captureBytes }),
    meter,
    emit: (event) => post({ kind: 'event', event }),
  };
  context.files.attach(data.files);

  const requests: RequestHandlers = {
    async bind({ port, address, rtpPort, codecs, stunServer }): Promise<BindResult> {
      await prepareCodecs(codecs);
      try {
        const bound = await BoundPort.bind(address, rtpPort, datagrams);
        slots.set(port, { bound });
        return stunServer ? { bound: true, mapping: await bound.learnMapping(stunServer) } : { bound: true };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return { bound: false };
        throw new SipflowError(
          'TRANSPORT',
          `No RTP socket can be opened on ${address}:${rtpPort} (${toSipflowError(error).message}). ` +
            'Check the bind address of the SIP phone.',
          { cause: error },
        );
      }
    },
    sendDigits({ port, request }) {
      return new Promise((resolve, reject) => {
        sessionOf(port).sendDigits(request, (failure) => {
          if (failure) reject(new SipflowError(failure.code, failure.message));
          else resolve(null);
        });
      });
    },
    async statistics({ port }) {
      return sessionOf(port).statistics();
    },
    async finishRecordings({ port, reason }) {
      await sessionOf(port).finishRecordings(reason);
      return null;
    },
    async capture({ port }) {
      return context.captures.read(port, performance.now()) ?? null;
    },
    async close({ port }) {
      const slot = slots.get(port);
      if (!slot) return null;
      slots.delete(port);
      if (slot.session) return slot.session.close();
      await slot.bound.close();
      return null;
    },
    async shutdown() {
      await Promise.all([...slots.keys()].map((port) => requests.close({ port })));
      context.wheel.stop();
      datagrams.stop();
      context.files.close();
      return null;
    },
  };

  const notices: NoticeHandlers = {
    open({ port, parameters }) {
      const slot = slots.get(port);
      if (!slot || slot.session) return;
      slot.session = new Session(port, slot.bound, parameters, context);
    },
    update: ({ port, parameters }) => slots.get(port)?.session?.update(parameters),
    play: ({ port, playback, request }) => slots.get(port)?.session?.play(playback, request),
    controlPlayback: ({ port, playback, control }) =>
      slots.get(port)?.session?.controlPlayback(playback, control),
    stopPlayback: ({ port, playback, reason }) => slots.get(port)?.session?.stopPlayback(playback, reason),
    record: ({ port, recording, request }) => slots.get(port)?.session?.record(recording, request),
    controlRecording: ({ port, recording, control }) =>
      slots.get(port)?.session?.controlRecording(recording, control),
    stopRecording: ({ port, recording, reason }) =>
      slots.get(port)?.session?.stopRecording(recording, reason),
    bridge: ({ port, leg, wiring }) => slots.get(port)?.session?.bridge(leg, wiring),
    unbridge: ({ port, leg }) => slots.get(port)?.session?.unbridge(leg),
    listen: ({ port, listening, request }) => slots.get(port)?.session?.listen(listening, request),
    listenReferences: ({ port, listening, references }) =>
      slots.get(port)?.session?.listenFor(listening, references),
    stopListening: ({ port, listening }) => slots.get(port)?.session?.stopListening(listening),
    answered: ({ port, agoMs }) => slots.get(port)?.session?.answered(agoMs),
    stopSending: ({ port, reason }) => slots.get(port)?.session?.stopSending(reason),
    files: ({ files }) => context.files.attach(files),
  };

  function sessionOf(port: number): Session {
    const session = slots.get(port)?.session;
    if (!session) throw new SipflowError('CALL_ENDED', 'This media session is closed.');
    return session;
  }

  async function answer({ id, type, params }: RequestMessage): Promise<void> {
    try {
      const handler = requests[type as keyof MediaRequests] as (params: unknown) => Promise<unknown>;
      post({ kind: 'reply', id, result: await handler(params) });
    } catch (error) {
      post({ kind: 'failure', id, failure: toSipflowError(error).toFailure() });
    }
  }

  function obey({ type, params }: NoticeMessage): void {
    try {
      (notices[type as keyof MediaNotices] as (params: unknown) => void)(params);
    } catch (error) {
      const { port } = params as { port?: number };
      const failure: Failure = toSipflowError(error).toFailure();
      if (port !== undefined) context.emit({ type: 'failed', port, failure });
    }
  }

  const commands = new CommandQueue<RequestMessage | NoticeMessage>((message) => {
    if (message.kind === 'request') void answer(message);
    else obey(message);
  });
  main.on('message', (message: RequestMessage | NoticeMessage) => commands.add(message));
}

/** On Linux the priority belongs to the thread; elsewhere it would be that of the whole process. */
function raisePriority(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, THREAD_PRIORITY);
  } catch {
    // Only a privileged process may; without it the wheel is as punctual as the machine is idle.
  }
}

/** As a worker; a process of its own tries the native driver for another one, see `lib/media/native-datagrams.ts`. */
function start(): void {
  if (isMainThread) {
    const [path, wanted] = process.argv.slice(2);
    tryNativeDriver(path, wanted).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    });
    return;
  }
  const data = workerData as MediaWorkerData;
  if (!parentPort || data.version !== PROTOCOL_VERSION) {
    throw new Error(
      'The media worker and the engine are of different versions: restart the program that uses them.',
    );
  }
  raisePriority();
  run(parentPort, data);
}

start();
