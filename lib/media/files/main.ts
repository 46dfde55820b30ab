import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { toSipflowError } from '../../common';
import {
  PROTOCOL_VERSION,
  type FileRequests,
  type FileWorkerData,
  type RequestMessage,
  type WorkerMessage,
} from '../protocol';
import { Downloads } from './downloads';
import { Prompts, type PromptLibrary } from './prompts';
import { PromptCache } from './prompt-cache';
import type { FileCommand, FileEvent } from './protocol';
import { References } from './references';
import { Recordings } from './recordings';

type RequestHandlers = {
  [K in keyof FileRequests]: (params: FileRequests[K]['params']) => Promise<FileRequests[K]['result']>;
};

/**
 * Runs the media-I/O thread. It uses synchronous file calls on purpose: the asynchronous ones share four
 * pool threads with the whole process, and eight password hashes there delay a recording by a second.
 */
function run(main: MessagePort, data: FileWorkerData): void {
  const library: PromptLibrary = {
    soundsDir: data.soundsDir,
    cache: new PromptCache(),
    downloads: new Downloads(),
  };
  const references = new References(library);
  const lines = new Set<() => void>();

  function connect(port: MessagePort): void {
    const post = (event: FileEvent): void =>
      port.postMessage(event, event.type === 'chunk' ? [event.data] : []);
    const recordings = new Recordings(post);
    const prompts = new Prompts(library, post);
    const end = (): void => {
      lines.delete(end);
      recordings.close();
      prompts.close();
      port.close();
    };
    lines.add(end);
    port.on('close', end);
    port.on('message', (command: FileCommand) => {
      if (command.type === 'create' || command.type === 'write' || command.type === 'finish') {
        recordings.onCommand(command);
      } else {
        prompts.onCommand(command);
      }
    });
  }

  const requests: RequestHandlers = {
    async probe({ source }) {
      return Prompts.probe(source, library);
    },
    async prepare({ source }) {
      return references.prepare(source);
    },
    async connect({ port }) {
      connect(port);
      return null;
    },
    async shutdown() {
      for (const end of lines) end();
      library.downloads.close();
      return null;
    },
  };

  async function answer({ id, type, params }: RequestMessage): Promise<void> {
    let message: WorkerMessage<never>;
    try {
      const handler = requests[type as keyof FileRequests] as (params: unknown) => Promise<unknown>;
      message = { kind: 'reply', id, result: await handler(params) };
    } catch (error) {
      message = { kind: 'failure', id, failure: toSipflowError(error).toFailure() };
    }
    main.postMessage(message);
  }

  main.on('message', (message: RequestMessage) => void answer(message));
}

const data = workerData as FileWorkerData;
if (parentPort && data.version === PROTOCOL_VERSION) run(parentPort, data);
else
  throw new Error(
    'The file worker and the engine are of different versions: restart the program that uses them.',
  );
