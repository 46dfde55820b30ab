import type { Phone } from '../../calls';
import { type Clock, SipflowError } from '../../common';
import { hepDestination } from './destination';
import { feedPhone } from './phone-feed';
import { seldom, type HepSink, type SinkCounts, type Trouble } from './sink';
import { TcpSink } from './tcp-sink';
import { UdpSink } from './udp-sink';

interface Collector {
  sink: HepSink;
  phones: number;
}

/** The collectors of one program; phones that name the same one share its socket. */
export class Collectors {
  readonly #open = new Map<string, Collector>();
  /** What collectors that no phone uses any more have got. */
  readonly #former: SinkCounts = { sent: 0, dropped: 0 };

  constructor(private readonly clock: Clock) {}

  get counts(): SinkCounts {
    const sum = { ...this.#former };
    for (const { sink } of this.#open.values()) add(sum, sink.counts);
    return sum;
  }

  /**
   * Feeds a collector with what a phone says and hears.
   *
   * @returns ends that; resolves when what waited is sent, after 300 ms at the latest
   * @throws SipflowError BAD_CONFIG for a destination that is none
   */
  feed(phone: Phone, destination: string, onTrouble: Trouble): () => Promise<void> {
    const { transport, host, port } = hepDestination(destination);
    const key = `${transport} ${host} ${port}`;
    const collector = this.#open.get(key) ?? {
      sink: new (transport === 'tcp' ? TcpSink : UdpSink)(
        { transport, host, port },
        this.clock,
        seldom(
          (cause) => onTrouble(unreachable(destination, cause)),
          () => this.clock.now(),
        ),
      ),
      phones: 0,
    };
    this.#open.set(key, collector);
    collector.phones += 1;
    const stop = feedPhone(phone, collector.sink);
    let ended: Promise<void> | undefined;
    return () => {
      stop();
      return (ended ??= this.#leave(key, collector));
    };
  }

  async #leave(key: string, collector: Collector): Promise<void> {
    collector.phones -= 1;
    if (collector.phones > 0) return;
    this.#open.delete(key);
    await collector.sink.close();
    add(this.#former, collector.sink.counts);
  }
}

function unreachable(destination: string, cause: Error): SipflowError {
  return new SipflowError(
    'TRANSPORT',
    `The HEP collector ${destination.trim()} cannot be reached (${cause.message}). Calls go on; their messages are not collected until it answers.`,
    { cause },
  );
}

function add(sum: SinkCounts, { sent, dropped }: SinkCounts): void {
  sum.sent += sent;
  sum.dropped += dropped;
}
