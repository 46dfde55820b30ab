import type { Clock, TimerHandle, TurnoverMap } from '../../common';
import type { Dialog } from '../dialog/dialog';
import type { DialogRoutes } from '../transport/dialog-routes';
import type { LocalIdentity } from '../transport/identity';
import type { Peer } from '../transport/transport';
import { TRANSPORTS } from '../transport/kinds';

/** NATs keep UDP open for 30 s or more (RFC 5626, 4.4.2); up to a fifth is taken off, to spread the phones. */
const KEEP_ALIVE_MS = 28_000;

export interface DialogKeepAliveHost {
  readonly clock: Clock;
  readonly dialogs: Pick<TurnoverMap<string, Dialog>, 'values'>;
  readonly identity: LocalIdentity;
  readonly routes: DialogRoutes;
  /** Keep-alive: CRLF CRLF, which a SIP peer ignores, keeps the NAT binding open. */
  keepAlive(destination: Peer): void;
}

/**
 * Keep-alive towards the peers of our dialogs, through a NAT: the binding that a registration keeps open is that of the
 * registrar alone. Without it the BYE of a peer whose call sends no SIP for half a minute would never arrive.
 */
export class DialogKeepAlive {
  #timer: TimerHandle | undefined;

  constructor(private readonly host: DialogKeepAliveHost) {}

  /** Begins, once it is known that there is a NAT. Does nothing while it runs. */
  start(): void {
    this.#timer ??= this.#wait();
  }

  close(): void {
    this.host.clock.clearTimeout(this.#timer);
  }

  #wait(): TimerHandle {
    const ms = KEEP_ALIVE_MS * (1 - 0.2 * Math.random());
    return this.host.clock.setTimeout(() => {
      this.#timer = this.#wait();
      this.#ping();
    }, ms);
  }

  /** Each peer once, however many calls we have with it. */
  #ping(): void {
    const { dialogs, identity } = this.host;
    const peers = new Map<string, Peer>();
    for (const dialog of dialogs.values()) {
      const peer = this.#peerOf(dialog);
      if (peer && !TRANSPORTS[peer.transport].reliable && identity.outside(peer.address)) {
        peers.set(`${peer.address} ${peer.port}`, peer);
      }
    }
    for (const peer of peers.values()) this.host.keepAlive(peer);
  }

  /** Next hop of our requests in a dialog, when that takes no look-up. */
  #peerOf({ firstRoute, remoteTarget, flow }: Dialog): Peer | undefined {
    return this.host.routes.known(firstRoute, remoteTarget, flow);
  }
}
