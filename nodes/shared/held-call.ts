import type { FlowMessage, SipNode } from './flow-types';
import { tabOf } from './tab';

/** Effect of a deploy on the nodes that hold calls. */
export interface Deploy {
  /** Whether it restarted single nodes only (*Modified Nodes*); otherwise whole flows. */
  ofNodes: boolean;
  /** Tabs and nodes that are gone or disabled now. */
  removed: ReadonlySet<string>;
  isClosed(node: SipNode): boolean;
}

/** The node of a tab that had a call last, and the message that carried it. */
interface Hold {
  node: SipNode;
  messageId: string;
}

/**
 * Holders of one call: every node in which a message with the call waits, and in each tab the node that had it last.
 * A message that goes on into another tab takes the call along; a message of its own there holds the call beside.
 */
export class HeldCall {
  /** By tab. */
  readonly #holds = new Map<string, Hold>();
  /** Nodes that have had the call, the latest last. */
  readonly #nodes = new Set<SipNode>();
  readonly #waiting = new Map<SipNode, Set<FlowMessage>>();

  /** `msg`, which is in `node`, carries the call. */
  take(node: SipNode, msg: FlowMessage): void {
    const tab = tabOf(node);
    const { _msgid: messageId } = msg;
    for (const [other, hold] of this.#holds) {
      if (other !== tab && hold.messageId === messageId && !this.#waitsIn(other)) this.#holds.delete(other);
    }
    this.#holds.set(tab, { node, messageId });
    this.#nodes.delete(node);
    this.#nodes.add(node);
    const messages = this.#waiting.get(node) ?? new Set();
    this.#waiting.set(node, messages.add(msg));
  }

  /** `msg` has left the node. */
  leave(node: SipNode, msg: FlowMessage): void {
    const messages = this.#waiting.get(node);
    messages?.delete(msg);
    if (messages?.size === 0) this.#waiting.delete(node);
  }

  /**
   * Forgets the nodes that a deploy closed.
   *
   * @returns whether a node still holds the call
   */
  survives(deploy: Deploy): boolean {
    const { ofNodes, removed } = deploy;
    const closed = [...this.#nodes].filter((node) => deploy.isClosed(node));
    if (closed.length === 0) return true;
    for (const node of closed) {
      this.#nodes.delete(node);
      this.#waiting.delete(node);
    }
    let tabGone = false;
    for (const [tab, hold] of [...this.#holds]) {
      if (!deploy.isClosed(hold.node)) continue;
      const isGone = removed.has(tab);
      tabGone ||= isGone;
      const successor = this.#latest((node) => tabOf(node) === tab && (ofNodes || this.#waiting.has(node)));
      if (successor) this.#holds.set(tab, { ...hold, node: successor });
      else this.#holds.delete(tab);
    }
    // A deploy of single nodes leaves the flow that made the call standing, also where it had handed the call on.
    const heir = ofNodes && !tabGone && this.#holds.size === 0 ? this.#latest(() => true) : undefined;
    if (heir) this.#holds.set(tabOf(heir), { node: heir, messageId: '' });
    return this.#holds.size > 0;
  }

  #latest(matches: (node: SipNode) => boolean): SipNode | undefined {
    return [...this.#nodes].reverse().find(matches);
  }

  #waitsIn(tab: string): boolean {
    return [...this.#waiting.keys()].some((node) => tabOf(node) === tab);
  }
}
