import { LISTENING_RATE, PromptDetector } from '../../lib/audio';
import { convert, SOUND_RATE } from './channel';
import type { Prompt } from './prompts';

/** What listening costs, as shares of a core, and the longest call. */
export interface Cost {
  /** One prompt. */
  one: number;
  /** A folder of prompts, and how many they are. */
  folder: number;
  folderOf: number;
  /** Longest time of a `push` of 10 ms or a `poll`, milliseconds, at the 99.9th percentile; each is the shortest of `PASSES`. */
  oneLongestMs: number;
  folderLongestMs: number;
}

const SECONDS = 60;
/** Times that the same is measured, so that what else the machine does is left out. */
const PASSES = 3;
const BLOCK = LISTENING_RATE / 100;

/** Listens to a minute of speech for prompts of the same voices that are not in it: the costly case. */
export function measureCost(prompts: readonly Prompt[]): Cost {
  const speech = new Int16Array(SECONDS * LISTENING_RATE);
  const newest = prompts.slice(-200);
  const said = newest.filter((_, index) => index % 2 === 1);
  for (let at = 0, index = 0; at < speech.length; index++) {
    const next = convert(said[index % said.length].samples, SOUND_RATE, LISTENING_RATE);
    speech.set(next.subarray(0, speech.length - at), at);
    at += next.length;
  }
  const others = newest.filter((_, index) => index % 2 === 0);
  listen(others.slice(0, 1), speech);
  const one = listen(others.slice(0, 1), speech);
  const folder = listen(others, speech);
  return {
    one: one.share,
    folder: folder.share,
    folderOf: others.length,
    oneLongestMs: one.longestMs,
    folderLongestMs: folder.longestMs,
  };
}

function listen(prompts: readonly Prompt[], speech: Int16Array): { share: number; longestMs: number } {
  const before = process.cpuUsage();
  const passes = Array.from({ length: PASSES }, () => timesOf(prompts, speech));
  const { user, system } = process.cpuUsage(before);
  const times = passes[0].map((_, step) => Math.min(...passes.map((pass) => pass[step])));
  times.sort((a, b) => a - b);
  return {
    share: Math.round(((user + system) / 1e6 / PASSES / SECONDS) * 1e5) / 1e5,
    longestMs: Math.round(times[Math.floor(times.length * 0.999)] * 100) / 100,
  };
}

/** Time of each step, milliseconds. */
function timesOf(prompts: readonly Prompt[], speech: Int16Array): number[] {
  const detector = new PromptDetector(prompts.map(({ name, reference }) => ({ name, prepared: reference })));
  const times: number[] = [];
  for (let block = 0; (block + 1) * BLOCK <= speech.length; block++) {
    const began = performance.now();
    detector.push(speech, block * BLOCK, BLOCK, false);
    const pushed = performance.now();
    times.push(pushed - began);
    if (block % 20 !== 19) continue;
    detector.poll();
    times.push(performance.now() - pushed);
  }
  return times;
}
