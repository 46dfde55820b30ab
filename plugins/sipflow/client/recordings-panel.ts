import { el, soundView } from '../../../lib/page';
import type { RecordingName } from '../server/call-detail';
import type { RecordingOutline } from '../server/recordings';
import { ask, load } from './api';
import { button } from './buttons';
import { attempt } from './notice';
import { say } from './words';

/** The recordings of a call. One is loaded when somebody wants to hear it. */
export class RecordingsPanel {
  readonly element = el('div', {});
  #shown = '';
  /** Audio that was loaded, which the browser keeps until it is given back. */
  readonly #loaded: string[] = [];

  constructor(private readonly call: string) {}

  show(recordings: readonly RecordingName[]): void {
    const text = JSON.stringify(recordings);
    if (text === this.#shown) return;
    this.#shown = text;
    this.dispose();
    if (recordings.length === 0) return this.element.replaceChildren();
    this.element.replaceChildren(
      el('h4', {}, say('call.recordings')),
      el(
        'ul',
        { class: 'sipflow-cards' },
        ...recordings.map((recording, place) => this.#item(recording, place)),
      ),
    );
  }

  /** Gives back what was loaded. */
  dispose(): void {
    for (const url of this.#loaded.splice(0)) URL.revokeObjectURL(url);
  }

  #item({ title, final }: RecordingName, place: number): HTMLElement {
    const item = el('li', {}, el('span', {}, title));
    const hear = button(say('call.hear'), 'play', () =>
      attempt(async () => item.replaceChildren(await this.#player(place))),
    );
    item.append(final ? hear : el('span', { class: 'sipflow-quiet' }, ` ${say('call.recordingRuns')}`));
    return item;
  }

  async #player(place: number): Promise<HTMLElement> {
    const path = `calls/${encodeURIComponent(this.call)}/recordings/${place}`;
    const outline = await ask<RecordingOutline>(path);
    const words = {
      recording: say('call.recording'),
      missing: say('call.recordingGone'),
      play: say('call.playFrom'),
    };
    const sound = { ...outline, marks: [] };
    if (outline.missing) return soundView(words, sound);
    const url = URL.createObjectURL(await load(`${path}/audio`));
    this.#loaded.push(url);
    const player = soundView(words, { ...sound, href: url, audio: url });
    player.querySelector('a')?.setAttribute('download', outline.title);
    player
      .querySelector('audio')
      ?.play()
      .catch(() => undefined);
    return player;
  }
}
