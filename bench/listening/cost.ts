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
  /** Longest time of a `push` of 10 ms or a `poll`, milliseconds, at the 99.9th percentile. */
  oneLongestMs: number;
  folderLongestMs: number;
}

const SECONDS = 60;
const BLOCK = LISTENING_RATE / 100;

/** Listens to a minute of speech for prompts that are not in it: the costly case. */
export function measureCost(prompts: readonly Prompt[]): Cost {
  const speech = new Int16Array(SECONDS * LISTENING_RATE);
  for (let at = 0, index = 0; at < speech.length; index++) {
    const next = convert(prompts[index % prompts.length].samples, SOUND_RATE, LISTENING_RATE);
    speech.set(next.subarray(0, speech.length - at), at);
    at += next.length;
  }
  const others = prompts.slice(-100);
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
  const detector = new PromptDetector(prompts.map(({ name, reference }) => ({ name, prepared: reference })));
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let block = 0; (block + 1) * BLOCK <= speech.length; block++) {
    const began = performance.now();
    detector.push(speech, block * BLOCK, BLOCK, false);
    const pushed = performance.now();
    times.push(pushed - began);
    if (block % 20 !== 19) continue;
    detector.poll();
    times.push(performance.now() - pushed);
  }
  const { user, system } = process.cpuUsage(before);
  times.sort((a, b) => a - b);
  return {
    share: Math.round(((user + system) / 1e6 / SECONDS) * 1e5) / 1e5,
    longestMs: Math.round(times[Math.floor(times.length * 0.999)] * 100) / 100,
  };
}
