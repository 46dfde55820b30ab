import type { OutgoingInvite, SeenAddress, SipEndpoint } from '../../sip';
import type { CallContext } from '../call-context';
import type { SimulationDirectory } from '../target/directory';
import { routeTo, type CallRoute } from '../target/route';
import type { PhoneOptions } from '../types';

/** Where the requests of a phone go: to a phone of the simulation, or to an address. */
export class PhoneTargets {
  /** @param endpoint of the phone; throws when it is not ready */
  constructor(
    private readonly options: PhoneOptions,
    private readonly directory: SimulationDirectory,
    private readonly endpoint: () => SipEndpoint,
  ) {}

  route(target: string): CallRoute {
    return routeTo(target, this.options, this.directory);
  }

  /** Sends an INVITE; undefined when nobody has the number. */
  invite({ target, ...rest }: Parameters<CallContext['invite']>[0]): OutgoingInvite | undefined {
    const endpoint = this.endpoint();
    const { uri, phone, unknown } = this.route(target);
    if (unknown !== undefined) return undefined;
    return endpoint.invite({ target: uri, ...rest, ...(phone ? { destination: phone.address } : {}) });
  }

  /** Our address as that target sees it. */
  async addressToward(target: string): Promise<SeenAddress> {
    const endpoint = this.endpoint();
    const { uri, phone } = this.route(target);
    return endpoint.addressToward({ target: uri, ...(phone ? { destination: phone.address } : {}) });
  }
}
