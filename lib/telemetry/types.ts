import type { Phone } from '../calls';

/** Metrics of a world as a scraper takes them. */
export interface MetricsPage {
  contentType: string;
  body: string;
}

/** Observation of a phone. */
export interface ObserveOptions {
  /** Collector of HEP, such as `homer.example.com:9060` or `tcp://192.0.2.1:9060`; none when absent or blank. */
  hep?: string;
  /** The collector cannot be reached. Told once for each outage, at most once in ten minutes; calls go on. */
  onHepTrouble?: (problem: Error) => void;
}

/** What phones tell of themselves to people who watch them: metrics, and copies of their messages for a collector. */
export interface Telemetry {
  /**
   * Counts the calls of a phone from now on, and sends its SIP and RTCP to a collector, until it closes or the returned
   * function is called, which resolves when what waited is sent. A phone is observed once: a second time only adds a
   * collector.
   *
   * @throws SipflowError BAD_CONFIG whose `field` is `hep`
   */
  observe(phone: Phone, options?: ObserveOptions): () => Promise<void>;
  /**
   * All metrics as text.
   *
   * @param accept the Accept field of a request; OpenMetrics when absent
   */
  metrics(accept?: string): MetricsPage;
  /**
   * Serves them at `/metrics` of a port of their own.
   *
   * @param where a free port when `port` is 0 or absent; the loopback when `host` is absent
   * @throws SipflowError (as a rejection) BAD_CONFIG, TRANSPORT when the port cannot be opened
   */
  serve(where?: {
    host?: string;
    port?: number;
  }): Promise<{ readonly address: string; readonly port: number; close(): Promise<void> }>;
  /** Ends all of it. Idempotent. */
  close(): Promise<void>;
}
