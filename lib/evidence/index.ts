/** A call that explains itself: the ladder of its messages, and how it is shown. Only computes. */
export { claimText, operatorText, valueText, type Claim } from './claim';
export { ladderOf } from './ladder';
export { ladderText, type LadderTextOptions } from './text-view';
export { ladderSvg, type LadderSvgOptions } from './svg-view';
export { ladderMermaid } from './mermaid-view';
export { ladderJson } from './json-view';
export {
  mergePcaps,
  pcapOf,
  readPcap,
  type PcapCall,
  type PcapFrame,
  type PcapMessage,
  type PcapPacket,
} from './pcap';
export { escapeMarkdown, escapeMermaid, escapeTerminal, escapeUnseen, escapeXml, scriptJson } from './escape';
export { fullName, readSip, sdpOf, type SipText } from './sip-text';
export { fitText, textWidth } from './text-width';
export { hostOf } from './addresses';
export { rtcpJson } from './rtcp-json';
export { LADDER_LIMITS } from './types';
export type {
  Ladder,
  LadderCall,
  LadderCallInfo,
  LadderCheck,
  LadderFlow,
  LadderGapRow,
  LadderInput,
  LadderLane,
  LadderMark,
  LadderMarkKind,
  LadderMarkRow,
  LadderMediaRow,
  LadderMessageRow,
  LadderRow,
  LadderStep,
  LadderTone,
} from './types';
export type { LadderLanguage } from './words';
