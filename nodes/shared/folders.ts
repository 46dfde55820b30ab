import { homedir } from 'node:os';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import type { PhoneOptions } from '../../lib/calls';

/** Bases of relative folders in the fields of phones. */
export interface Folders {
  sounds: string;
  recordings: string;
}

/** Which of several processes that run the same flows side by side this is. */
export interface Share {
  /** From 0. */
  index: number;
  count: number;
  /** Address that its phones on the network bind to, whatever their fields say. */
  source?: string;
  /** False: another one registers the numbers of its phones. */
  registers?: false;
}

/** Settings of a Node-RED that runs flows for a command: its user directory is gone when it ends. */
interface HostSettings {
  sipflow?: {
    soundsFrom?: string;
    recordingsTo?: string;
    capture?: PhoneOptions['capture'];
    share?: Share;
  };
}

/** The user directory, unless the program that runs this Node-RED says otherwise in `settings.sipflow`. */
export function foldersOf(RED: NodeAPI): Folders {
  const userDir = RED.settings.userDir ?? join(homedir(), '.node-red');
  const { soundsFrom, recordingsTo } = (RED.settings as HostSettings).sipflow ?? {};
  return { sounds: soundsFrom ?? userDir, recordings: recordingsTo ?? userDir };
}

/** What every phone captures, where the program that runs this Node-RED says so. */
export function captureOf(RED: NodeAPI): PhoneOptions['capture'] | undefined {
  return (RED.settings as HostSettings).sipflow?.capture;
}

/** The share of this process, where the program that runs this Node-RED has started several. */
export function shareOf(RED: NodeAPI): Share | undefined {
  return (RED.settings as HostSettings).sipflow?.share;
}
