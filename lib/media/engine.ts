import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { PreparedReference } from '../audio';
import { SipflowError } from '../common';
import { FileWorker } from './file-worker';
import { MediaMeters } from './meters';
import { chosenDatagrams, type DatagramsName, type NativeDatagrams } from './native-datagrams';
import { PortHandle } from './port-handle';
import { PortPool } from './port-pool';
import { PROTOCOL_VERSION, type MediaEvent, type MediaWorkerData } from './protocol';
import type { MediaWorkerLink } from './session-handle';
import type { AudioInfo, AudioSource, MediaEngine, MediaPort, PortMappingResult, PortRequest } from './types';
import { WorkerLink } from './worker-link';

export interface MediaEngineOptions {
  /** Media worker threads; default by the number of cores. */
  workers?: number;
  /** Folder of the `sipflow:` sounds; default: those of the package. */
  soundsDir?: string;
  /** Pool of RTP ports (pitfall 10); default: the engine’s own. */
  ports?: PortPool;
  /** Where the figures of its workers are kept; default: nowhere that anybody sees. */
  meters?: MediaMeters;
  /** How the workers reach the network: `native` needs Linux and the package koffi; default: `SIPFLOW_DATAGRAMS`, else `dgram`. */
  datagrams?: DatagramsName;
}

/** Memory of the captured packets of all calls together, in bytes; each worker has its part. */
const CAPTURE_BYTES = 64 * 1024 * 1024;

/** A media worker and the pairs that it has. */
interface Crew {
  link: MediaWorkerLink;
  ports: Map<number, PortHandle>;
  /** Binds under way, so that simultaneous calls spread over the workers. */
  binding: number;
}

/** The real engine: workers start with the first reserved pair, and none is left after `close`. */
export class WorkerMediaEngine implements MediaEngine {
  readonly #crews: Crew[] = [];
  readonly #workers: number;
  readonly #files: FileWorker;
  readonly #pool: PortPool;
  readonly #meters: MediaMeters;
  readonly #datagrams: DatagramsName | undefined;
  #lastPort = 0;
  #closing: Promise<void> | undefined;

  constructor(options: MediaEngineOptions = {}) {
    this.#pool = options.ports ?? new PortPool();
    this.#meters = options.meters ?? new MediaMeters();
    this.#workers = mediaWorkerCount(options.workers);
    this.#datagrams = options.datagrams;
    this.#files = new FileWorker(options.soundsDir ?? packagedSoundsDir(), () => this.#reconnectFiles());
  }

  /** The media workers that run now. */
  get workers(): MediaWorkerLink[] {
    return this.#crews.map((crew) => crew.link);
  }

  /** The thread that reads and writes files, when it runs. */
  get files(): FileWorker['link'] {
    return this.#files.link;
  }

  async reserve(request: PortRequest): Promise<MediaPort> {
    const native = await chosenDatagrams(this.#datagrams);
    for (;;) {
      this.#assertOpen();
      const rtpPort = this.#pool.take(request);
      const crew = this.#leastBusy(native);
      const port = ++this.#lastPort;
      crew.binding++;
      try {
        const result = await crew.link.request('bind', {
          port,
          address: request.address,
          rtpPort,
          codecs: [...(request.codecs ?? [])],
          ...(request.stunServer ? { stunServer: request.stunServer } : {}),
        });
        if (result.bound) return this.#boundPort(crew, port, request.address, rtpPort, result.mapping);
        this.#pool.quarantine(rtpPort);
      } catch (error) {
        this.#pool.free(rtpPort);
        throw error;
      } finally {
        crew.binding--;
      }
    }
  }

  async probe(source: AudioSource): Promise<AudioInfo> {
    this.#assertOpen();
    return this.#files.probe(source);
  }

  async prepare(source: AudioSource): Promise<PreparedReference> {
    this.#assertOpen();
    return this.#files.prepare(source);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #boundPort(
    crew: Crew,
    port: number,
    address: string,
    rtpPort: number,
    mapping: PortMappingResult | undefined,
  ): PortHandle {
    const onClosed = (): void => {
      // When the worker died, the pair was freed already and may be another call's by now.
      if (crew.ports.delete(port)) this.#pool.free(rtpPort);
    };
    const handle = new PortHandle(address, rtpPort, port, crew.link, this, onClosed, mapping);
    crew.ports.set(port, handle);
    return handle;
  }

  #leastBusy(native: NativeDatagrams | undefined): Crew {
    if (this.#crews.length < this.#workers) this.#crews.push(this.#hire(native));
    return this.#crews.reduce((best, crew) => (load(crew) < load(best) ? crew : best));
  }

  #hire(native: NativeDatagrams | undefined): Crew {
    const files = this.#files.connect();
    const captureBytes = Math.floor(CAPTURE_BYTES / this.#workers);
    const meter = this.#meters.hire();
    const descriptors = native?.hire();
    const workerData: MediaWorkerData = {
      version: PROTOCOL_VERSION,
      files,
      captureBytes,
      meter,
      ...(descriptors && { descriptors }),
    };
    const crew: Crew = {
      ports: new Map(),
      binding: 0,
      link: new WorkerLink('worker/main', workerData, [files], {
        onEvent: (event: MediaEvent) => crew.ports.get(event.port)?.onEvent(event),
        onEnding: () => {
          if (descriptors) native?.detach(descriptors);
        },
        onExit: (cause) => {
          this.#meters.retire(meter);
          if (descriptors) native?.retire(descriptors);
          this.#onExit(crew, cause);
        },
      }),
    };
    return crew;
  }

  /** A worker ended: its calls are lost, its pairs are free, and the next `reserve` starts another. */
  #onExit(crew: Crew, cause: SipflowError): void {
    const index = this.#crews.indexOf(crew);
    if (index >= 0) this.#crews.splice(index, 1);
    for (const port of crew.ports.values()) {
      port.workerClosed(cause);
      this.#pool.free(port.rtpPort);
    }
    crew.ports.clear();
  }

  #reconnectFiles(): void {
    for (const crew of this.#crews) {
      const files = this.#files.connect();
      crew.link.notify('files', { files }, [files]);
    }
  }

  async #close(): Promise<void> {
    const crews = [...this.#crews];
    await Promise.all(crews.flatMap((crew) => [...crew.ports.values()].map((port) => port.close())));
    await Promise.all(crews.map((crew) => crew.link.request('shutdown', {}).catch(() => undefined)));
    await Promise.all(crews.map((crew) => crew.link.end()));
    await this.#files.close();
  }

  #assertOpen(): void {
    if (this.#closing) throw new SipflowError('CALL_STATE', 'The media engine is closed.');
  }
}

function load(crew: Crew): number {
  return crew.ports.size + crew.binding;
}

/**
 * The folder of the sounds that the package brings, found by walking up to the package.json: the sources
 * and the built files lie at different depths.
 */
export function packagedSoundsDir(from: string = __dirname): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'resources', 'sounds');
}

const MAX_DEFAULT_WORKERS = 4;
const MAX_WORKERS = 32;

/**
 * Number of media workers of an engine: the caller's, else `SIPFLOW_MEDIA_WORKERS`, else one less than the cores
 * (Node-RED keeps one), at least 1 and at most 4.
 */
export function mediaWorkerCount(
  requested?: number,
  environment: NodeJS.ProcessEnv = process.env,
  cores: number = availableParallelism(),
): number {
  const wanted = requested ?? Number(environment.SIPFLOW_MEDIA_WORKERS ?? NaN);
  if (Number.isInteger(wanted) && wanted >= 1) return Math.min(wanted, MAX_WORKERS);
  return Math.max(1, Math.min(cores - 1, MAX_DEFAULT_WORKERS));
}
