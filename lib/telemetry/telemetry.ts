import { version } from '../../package.json';
import type { Phone, World } from '../calls';
import { SipflowError, systemClock } from '../common';
import { Collectors } from './hep/collectors';
import { CallMetrics } from './metrics/call-metrics';
import type { Family } from './metrics/family';
import { PhoneMetrics } from './metrics/phone-metrics';
import { buildFamily, hepFamily, mediaFamilies } from './metrics/process-metrics';
import { serveMetrics, type MetricsServer } from './metrics/server';
import { contentType, metricsText, negotiate } from './metrics/text';
import type { MetricsPage, ObserveOptions, Telemetry } from './types';

/** Telemetry of a world: of those of its phones that are to be observed. Costs nothing before the first one. */
export function createTelemetry(world: World): Telemetry {
  return new WorldTelemetry(world);
}

class WorldTelemetry implements Telemetry {
  readonly #calls = new CallMetrics();
  readonly #phones = new PhoneMetrics();
  readonly #collectors = new Collectors(systemClock);
  readonly #families: Family[];
  readonly #observed = new Map<Phone, () => void>();
  readonly #ends = new Set<() => Promise<void>>();
  readonly #servers = new Set<MetricsServer>();

  constructor(world: World) {
    this.#families = [
      buildFamily(version),
      ...this.#calls.families,
      ...this.#phones.families,
      ...mediaFamilies(() => world.load()),
      hepFamily(() => this.#collectors.counts),
    ];
  }

  observe(phone: Phone, { hep, onHepTrouble = () => undefined }: ObserveOptions = {}): () => Promise<void> {
    const stopFeed = hep?.trim() ? this.#collectors.feed(phone, hep, onHepTrouble) : undefined;
    const stopCount = this.#count(phone);
    const end = async (): Promise<void> => {
      this.#ends.delete(end);
      stopClosed();
      stopCount();
      await stopFeed?.();
    };
    const stopClosed = phone.on('state', (state) => {
      if (state === 'closed') void end();
    });
    this.#ends.add(end);
    return end;
  }

  metrics(accept?: string): MetricsPage {
    const format = negotiate(accept);
    return { contentType: contentType(format), body: metricsText(this.#families, format) };
  }

  async serve({
    host = '127.0.0.1',
    port = 0,
  }: { host?: string; port?: number } = {}): Promise<MetricsServer> {
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new SipflowError('BAD_CONFIG', `The port for metrics must be 0 to 65535, not ${port}.`, {
        field: 'port',
      });
    }
    const server = await serveMetrics({ host, port }, (accept) => this.metrics(accept));
    this.#servers.add(server);
    return server;
  }

  async close(): Promise<void> {
    await Promise.all([
      ...[...this.#ends].map((end) => end()),
      ...[...this.#servers].map((each) => each.close()),
    ]);
    this.#servers.clear();
  }

  /** Counts a phone, unless that is done already. */
  #count(phone: Phone): () => void {
    if (this.#observed.has(phone)) return () => undefined;
    const stops = [
      this.#phones.add(phone),
      phone.on('call', ({ direction }) => this.#calls.started(direction)),
      phone.on('callEnded', (info) => this.#calls.ended(info)),
    ];
    const stop = (): void => {
      this.#observed.delete(phone);
      stops.forEach((each) => each());
    };
    this.#observed.set(phone, stop);
    return stop;
  }
}
