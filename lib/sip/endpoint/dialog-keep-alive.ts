import type { Clock, TimerHandle, TurnoverMap } from '../../common';
import type { Dialog } from '../dialog/dialog';
import type { DialogRoutes } from '../transport/dialog-routes';
import type { LocalIdentity } from '../transport/identity';
import type { Peer } from '../transport/transport';
import { TRANSPORTS } from '../transport/kinds';

/** NATs keep UDP open for 30 s or more (RFC 5626, 4.4.2); up to a fifth is taken off, so that nobody beats in step. */
const KEEP_ALIVE_MS = 28_000;

export interface DialogKeepAliveHost {
  readonly clock: Clock;
  readonly dialogs: Pick<TurnoverMap<string, Dialog>, 'values'>;
  readonly identity: LocalIdentity;
  readonly routes: DialogRoutes;
  /** Sends nothing that means anything. */
  keepAlive(destination: Peer): void;
}

/**
 * Keeps a NAT open towards those that we have calls with: the way that a registration keeps open leads to the registrar
 * alone, and without it the BYE of a peer whose call says nothing for half a minute would never arrive.
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

  /** Where our requests of a dialog go, when that takes no look-up. */
  #peerOf({ firstRoute, remoteTarget, flow }: Dialog): Peer | undefined {
    return this.host.routes.known(firstRoute, remoteTarget, flow);
  }
}
