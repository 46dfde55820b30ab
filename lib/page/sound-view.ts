import { el, svg, type Child } from './dom';
import { timeText } from './times';

/** A recording with what of it can be drawn. */
export interface Sound {
  title: string;
  /** URL of the file; without one it cannot be saved from here. */
  href?: string;
  /** URL of the audio that is loaded at once; else `href` is, when it is played. */
  audio?: string;
  durationMs: number;
  /** One text for each channel: Base64 of a byte for each piece of the time, 0–255 of full scale. */
  peaks: string[];
  marks: SoundMark[];
  /** The file is not there, or is no sound that can be drawn. */
  missing?: boolean;
}

export interface SoundMark {
  /** Milliseconds since the beginning of the recording. */
  atMs: number;
  kind: 'prompt' | 'digit' | 'heard' | 'passed' | 'failed' | 'warning';
  text: string;
}

/** Texts of a player. */
export interface SoundWords {
  recording: string;
  missing: string;
  /** Of a mark: what a click does. */
  play: string;
}

const HEIGHT = 48;

/** A recording: its waveform with marks, which plays from where it is clicked; `note` stands below the player. */
export function soundView(words: SoundWords, sound: Sound, note?: string): HTMLElement {
  const name = `${words.recording} ${sound.title}`;
  if (sound.missing) return el('p', { class: 'quiet' }, `${name}: ${words.missing}`);
  const player = el('audio', {
    controls: true,
    preload: sound.audio === undefined ? 'none' : 'metadata',
    src: sound.audio ?? sound.href,
    'aria-label': name,
  });
  const playFrom = (ms: number): void => {
    player.currentTime = ms / 1000;
    void player.play().catch(() => undefined);
  };
  return el(
    'figure',
    { class: 'sound' },
    el(
      'figcaption',
      {},
      sound.href === undefined ? sound.title : el('a', { href: sound.href }, sound.title),
      ` ${timeText(sound.durationMs)}`,
    ),
    sound.peaks.length > 0 ? waveform(sound, player, playFrom) : undefined,
    player,
    note === undefined ? undefined : el('p', { class: 'quiet' }, note),
    sound.marks.length > 0 ? markList(words.play, sound.marks, playFrom) : undefined,
  );
}

function waveform(sound: Sound, player: HTMLAudioElement, playFrom: (ms: number) => void): Element {
  const channels = sound.peaks.map((text) => Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)));
  const width = Math.max(...channels.map(({ length }) => length), 1);
  const height = HEIGHT * channels.length;
  const x = (ms: number): number => (width * ms) / Math.max(1, sound.durationMs);
  const hand = svg('line', { class: 'hand', x1: 0, x2: 0, y1: 0, y2: height });
  player.addEventListener('timeupdate', () => {
    const place = x(player.currentTime * 1000).toFixed(1);
    hand.setAttribute('x1', place);
    hand.setAttribute('x2', place);
  });
  return svg(
    'svg',
    {
      class: 'waveform',
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
      click: (event) => {
        const { left, width: pixels } = (event.currentTarget as Element).getBoundingClientRect();
        playFrom((sound.durationMs * ((event as MouseEvent).clientX - left)) / Math.max(1, pixels));
      },
    },
    ...channels.map((peaks, channel) =>
      svg('path', { class: 'wave', d: outlineOf(peaks, (channel + 0.5) * HEIGHT) }),
    ),
    ...sound.marks.map(({ atMs, kind, text }): Child => {
      const place = x(atMs).toFixed(1);
      return svg(
        'line',
        { class: `mark ${kind}`, x1: place, x2: place, y1: 0, y2: height },
        svg('title', {}, text),
      );
    }),
    hand,
  );
}

/** Up along the peaks and back below, so that silence is a line. */
function outlineOf(peaks: Uint8Array, middle: number): string {
  const half = (peak: number): number => Math.max(0.4, (peak / 255) * (HEIGHT / 2));
  const above = [...peaks].map((peak, x) => `${x} ${(middle - half(peak)).toFixed(1)}`);
  const below = [...peaks].map((peak, x) => `${x} ${(middle + half(peak)).toFixed(1)}`).reverse();
  return `M${[...above, ...below].join('L')}Z`;
}

const SIGNS: Record<SoundMark['kind'], string> = {
  prompt: '♪',
  digit: '#',
  heard: '◉',
  passed: '✓',
  failed: '✗',
  warning: '!',
};

function markList(play: string, marks: readonly SoundMark[], playFrom: (ms: number) => void): HTMLElement {
  return el(
    'ul',
    { class: 'marks' },
    ...marks.map(({ atMs, kind, text }) =>
      el(
        'li',
        {},
        el(
          'button',
          { type: 'button', class: `small ${kind}`, title: play, click: () => playFrom(atMs) },
          `${SIGNS[kind]} ${timeText(atMs)} ${text}`,
        ),
      ),
    ),
  );
}
