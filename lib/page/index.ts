/**
 * Pages that are one file: their frame, which a program writes, and what a browser fills it with: elements, ladders,
 * recordings, charts. A bundle for a browser takes only what it uses, which is nothing of Node.js.
 */
export { compilePage } from './compile-page';
export { pageBegin, pageData, pageEnd, plainTable } from './page-frame';
export { el, section, svg, type Child } from './dom';
export { drawLadder, messageFacts, type LadderPicture } from './ladder-picture';
export { ladderWithMessage, type MessageWords } from './message-view';
export { soundView, type Sound, type SoundMark, type SoundWords } from './sound-view';
export { dateText, durationText, timeText } from './times';
export {
  ChartCursor,
  lineOf,
  timeChart,
  topOf,
  type ChartSeries,
  type ChartSpan,
  type TimeChart,
} from './time-chart';
