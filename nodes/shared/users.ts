import type { SipNode } from './flow-types';

/** A Catch or Status node, with the properties by which Node-RED's runtime chooses among them. */
interface Watcher {
  /** Whether a Catch node takes only errors that no other Catch node of its flow takes. */
  uncaught?: boolean;
  receive(msg: object): void;
}

/** A tab or the inside of a subflow in Node-RED's runtime (`Flow.js`, `Subflow.js`). */
interface RuntimeFlow {
  catchNodes?: Watcher[];
  statusNodes?: Watcher[];
  /** Flow that gets the errors and statuses that no node of a subflow took. */
  parent?: RuntimeFlow;
  handleError(node: object, error: unknown, msg: unknown, user: object): boolean;
  handleStatus(node: object, status: unknown, user: object, muted: boolean): boolean;
}

/** Entry in the `users` of a config node, with the properties that Node-RED's runtime reads. */
export interface UsersEntry {
  readonly _flow: Pick<RuntimeFlow, 'handleError' | 'handleStatus'>;
}

/**
 * The nodes that use a config node. Node-RED tells each of their flows about an error or a status of the
 * config node, once for each user, so a Catch node beside two users would get one error twice. Here every
 * Catch and Status node that may hear of any of the users gets it once.
 */
export class Users {
  readonly #nodes = new Set<SipNode>();
  /** For the property `users` of the config node. */
  readonly entries: Readonly<Record<string, UsersEntry>> = {
    all: {
      _flow: {
        handleError: (node, error, msg) =>
          this.#tell((flow, user) => flow.handleError(node, error, msg, user)),
        handleStatus: (node, status, _user, muted) =>
          this.#tell((flow, user) => flow.handleStatus(node, status, user, muted)),
      },
    },
  };

  add(node: SipNode): void {
    this.#nodes.add(node);
  }

  delete(node: SipNode): void {
    this.#nodes.delete(node);
  }

  /** Whether any node took it. */
  #tell(tell: (flow: RuntimeFlow, user: SipNode) => boolean): boolean {
    const delivery = new Delivery();
    let handled = false;
    for (const user of this.#nodes) {
      const { _flow } = user as SipNode & { _flow: RuntimeFlow };
      if (tell(delivery.view(_flow), user)) handled = true;
    }
    delivery.tellUncaught();
    return handled;
  }
}

/** One error or status on its way to those that watch for it. */
class Delivery {
  readonly #views = new Map<RuntimeFlow, RuntimeFlow>();
  readonly #told = new Set<Watcher>();
  /** Flows in which a Catch node without `uncaught` took it. */
  readonly #caught = new Set<RuntimeFlow>();
  readonly #uncaught: { flow: RuntimeFlow; tell: () => void }[] = [];

  /** The flow, but with Catch and Status nodes that take this delivery once. */
  view(flow: RuntimeFlow): RuntimeFlow {
    const known = this.#views.get(flow);
    if (known) return known;
    const once = (watchers: Watcher[] | undefined) => watchers?.map((watcher) => this.#once(flow, watcher));
    const view = Object.create(flow, {
      catchNodes: { value: once(flow.catchNodes) },
      statusNodes: { value: once(flow.statusNodes) },
      parent: { get: () => flow.parent && this.view(flow.parent) },
    }) as RuntimeFlow;
    this.#views.set(flow, view);
    return view;
  }

  /** Tells Catch nodes with `uncaught` last: the flow of another user may have a Catch node that took it. */
  tellUncaught(): void {
    for (const { flow, tell } of this.#uncaught) if (!this.#caught.has(flow)) tell();
  }

  #once(flow: RuntimeFlow, watcher: Watcher): Watcher {
    const receive = (msg: object): void => {
      if (!watcher.uncaught) this.#caught.add(flow);
      if (this.#told.has(watcher)) return;
      this.#told.add(watcher);
      const tell = (): void => watcher.receive(msg);
      if (watcher.uncaught) this.#uncaught.push({ flow, tell });
      else tell();
    };
    return Object.create(watcher, { receive: { value: receive } }) as Watcher;
  }
}
