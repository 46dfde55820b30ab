/** What pages in a browser are made of: elements, ladders, recordings. Only for bundles that a browser runs. */
export { el, section, svg, type Child } from './dom';
export { drawLadder, messageFacts, type LadderPicture } from './ladder-picture';
export { messageParts, type MessageWords } from './message-view';
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
