import type { NodeStatusFill, NodeStatusShape } from 'node-red';
import type { Call } from '../../lib/calls';
import type { SipNode } from './flow-types';

/** What a node can be busy with; each name is also the last part of its i18n key `status.<name>`. */
export type StatusKind =
  | 'idle'
  | 'ready'
  | 'starting'
  | 'registering'
  | 'registered'
  | 'unregistered'
  | 'calling'
  | 'ringing'
  | 'inCall'
  | 'playing'
  | 'recording'
  | 'sending'
  | 'listening'
  | 'waiting'
  | 'failed';

/** The one vocabulary of colours and shapes; a colour always means the same on every node. */
export const STATUS_LOOKS: Readonly<Record<StatusKind, { fill: NodeStatusFill; shape: NodeStatusShape }>> = {
  idle: { fill: 'grey', shape: 'ring' },
  ready: { fill: 'green', shape: 'ring' },
  starting: { fill: 'yellow', shape: 'ring' },
  registering: { fill: 'yellow', shape: 'ring' },
  registered: { fill: 'green', shape: 'dot' },
  unregistered: { fill: 'red', shape: 'ring' },
  calling: { fill: 'yellow', shape: 'ring' },
  ringing: { fill: 'yellow', shape: 'dot' },
  inCall: { fill: 'green', shape: 'dot' },
  playing: { fill: 'blue', shape: 'dot' },
  recording: { fill: 'blue', shape: 'dot' },
  sending: { fill: 'blue', shape: 'dot' },
  listening: { fill: 'blue', shape: 'dot' },
  waiting: { fill: 'blue', shape: 'dot' },
  failed: { fill: 'red', shape: 'ring' },
};

/** One call or message that a node is busy with. Ending it twice does nothing. */
export interface Activity {
  set(kind: StatusKind): void;
  end(): void;
  /** Ends, and leaves the node's status at `failed` until it is busy again. */
  fail(): void;
  /** Shows `inCall` until the call ends. */
  follow(call: Call): void;
}

/**
 * A node's status: how it rests, the one thing that it is busy with, or how many. Shown at once on
 * construction, because Node-RED keeps the old status over a deploy.
 */
export class NodeStatus {
  readonly #active = new Map<Activity, StatusKind>();
  /** What it shows when nothing runs and nothing failed. */
  #home: StatusKind;
  #resting: StatusKind;
  #restingCount = 1;
  #shown = '';
  #closed = false;

  constructor(
    private readonly node: SipNode,
    resting: StatusKind = 'idle',
  ) {
    this.#home = resting;
    this.#resting = resting;
    this.#show();
    // After a deploy another node has this id; a call that ends late must not write over its status.
    node.on('close', () => {
      this.#closed = true;
    });
  }

  /** Marks the beginning of something that takes time. */
  begin(kind: StatusKind): Activity {
    const activity: Activity = {
      set: (next) => {
        if (!this.#active.has(activity)) return;
        this.#active.set(activity, next);
        this.#show();
      },
      end: () => this.#finish(activity, this.#home),
      fail: () => this.#finish(activity, 'failed'),
      follow: (call) => {
        if (call.state === 'ended') return activity.end();
        activity.set('inCall');
        call.on('ended', () => activity.end());
      },
    };
    this.#active.set(activity, kind);
    this.#show();
    return activity;
  }

  /** Shows how the node is while nothing runs; a count above one replaces the text. */
  rest(kind: StatusKind, count = 1): void {
    this.#resting = kind;
    this.#restingCount = count;
    this.#show();
  }

  /** Shows this from now on while nothing runs, and after each activity that ends well. */
  restAs(kind: StatusKind): void {
    this.#home = kind;
    this.rest(kind);
  }

  /** Something could not even begin. */
  failed(): void {
    this.rest('failed');
  }

  #finish(activity: Activity, resting: StatusKind): void {
    if (this.#active.delete(activity)) this.rest(resting);
  }

  #show(): void {
    const kinds = [...this.#active.values()];
    const kind = kinds.at(-1) ?? this.#resting;
    const count = kinds.length || this.#restingCount;
    const text = count > 1 ? String(count) : `status.${kind}`;
    const look = STATUS_LOOKS[kind];
    const shown = `${look.fill} ${look.shape} ${text}`;
    if (this.#closed || shown === this.#shown) return;
    this.#shown = shown;
    this.node.status({ ...look, text });
  }
}
