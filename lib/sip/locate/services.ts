import { TRANSPORTS } from '../transport/kinds';
import type { TransportName } from '../types';
import { LOCATE_LIMITS } from './limits';
import { isHostName } from './target';
import type { NaptrRecord, SrvRecord } from './types';

/** Name of the SRV records for a transport; undefined for WebSocket, which has none. */
export function srvName(transport: TransportName, host: string): string | undefined {
  const prefix = TRANSPORTS[transport].srvPrefix;
  return prefix === undefined ? undefined : prefix + host;
}

/** A usable NAPTR record: the transport that it offers and where its SRV records are. */
export interface NaptrService {
  transport: TransportName;
  srvName: string;
}

/**
 * The NAPTR records that lead to SRV records of transports that we have, best first: `order`, then
 * `preference` (RFC 3263, 4.1). The server's order prevails over ours.
 */
export function naptrServices(records: NaptrRecord[], transports: readonly TransportName[]): NaptrService[] {
  const services: NaptrService[] = [];
  const best = [...records].sort((a, b) => a.order - b.order || a.preference - b.preference);
  for (const { flags, service, replacement } of best.slice(0, LOCATE_LIMITS.naptrRecords)) {
    const field = service.toLowerCase();
    const transport = transports.find((each) => TRANSPORTS[each].naptrService === field);
    const name = replacement.replace(/\.$/, '');
    if (flags.toLowerCase() !== 's' || !transport) continue;
    if (isHostName(name)) services.push({ transport, srvName: name });
  }
  return services.slice(0, LOCATE_LIMITS.naptrServices);
}

/**
 * Orders SRV records by priority, and within a priority at random in proportion to their weights
 * (RFC 2782). Records of weight 0 are seldom before others.
 *
 * @param random a number in [0, 1)
 */
export function orderSrv(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const ordered: SrvRecord[] = [];
  const priorities = [...new Set(records.map((record) => record.priority))].sort((a, b) => a - b);
  for (const priority of priorities) {
    const left = records.filter((record) => record.priority === priority).sort((a, b) => a.weight - b.weight);
    let sum = left.reduce((total, record) => total + record.weight, 0);
    while (left.length > 0) {
      const [record] = left.splice(chooseByWeight(left, sum, random), 1);
      sum -= record.weight;
      ordered.push(record);
    }
  }
  return ordered;
}

/** @param records of one priority, lightest first */
function chooseByWeight(records: readonly SrvRecord[], sum: number, random: () => number): number {
  // RFC 2782 leaves open what equal shares of nothing are; an even choice spreads the load.
  if (sum === 0) return Math.floor(random() * records.length);
  const chosen = Math.floor(random() * (sum + 1));
  let running = 0;
  return records.findIndex((record) => (running += record.weight) >= chosen);
}
