import type { Node, NodeDef, NodeMessageInFlow } from 'node-red';

/** A message on its way through a flow: anything may hang on it, so everything is checked before use. */
export interface FlowMessage extends NodeMessageInFlow {
  [property: string]: unknown;
}

/** The `send` function that Node-RED hands to an input handler. */
export type Send = (msg: FlowMessage | (FlowMessage | null)[]) => void;

/** Stored properties of every node of this package; typed inputs add `<field>Type` beside each field. */
export interface SipNodeDef extends NodeDef {
  /** Of the stored fields, for migrations. */
  version?: number;
  [field: string]: unknown;
}

/** A running node as Node-RED made it. */
export type SipNode = Node & {
  /** Names of its outputs, where they are not those of its type. */
  outputNames?: readonly string[];
};
