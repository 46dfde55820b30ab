import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { prepareReference, type PreparedReference } from '../../lib/audio';
import { convertWavBytes } from '../../lib/audio/convert';
import { seededRandom } from '../../test/support/random';
import { SOUND_RATE } from './channel';

/** A prompt of the corpus. */
export interface Prompt {
  readonly name: string;
  readonly samples: Int16Array;
  readonly reference: PreparedReference;
}

/** Prompts of one voice. */
export interface Voice {
  readonly name: string;
  readonly prompts: readonly Prompt[];
}

const WORDS: Readonly<Record<string, string>> = {
  en: 'welcome please press one two three for sales support billing account number thank you calling our office is closed now open tomorrow wait while we connect your call to the next available agent leave message after tone',
  de: 'willkommen bitte drücken sie eins zwei drei für verkauf technik rechnung kundennummer vielen dank anruf unser büro ist heute geschlossen morgen geöffnet warten wir verbinden mit dem nächsten freien mitarbeiter nachricht hinterlassen',
  fr: 'bienvenue veuillez appuyer sur un deux trois pour ventes assistance facture numéro de compte merci votre appel bureau est fermé demain ouvert attendez nous vous mettons en relation avec prochain conseiller laissez message',
  es: 'bienvenido por favor pulse uno dos tres para ventas soporte factura número de cuenta gracias su llamada nuestra oficina está cerrada mañana abierta espere mientras conectamos con siguiente agente deje mensaje',
  ko: '안녕하십니까 감사합니다 상담원 연결은 영번 잔액 조회는 일번 결제 문의는 이번 주문 배송 확인 비밀번호 네 자리를 눌러 주십시오 잠시만 기다려 지금은 통화량이 많아 연결이 지연되고 있습니다 다시 걸어',
  it: 'benvenuto prego premere uno due tre per vendite assistenza fattura numero di conto grazie la sua chiamata ufficio è chiuso domani aperto attenda stiamo collegando con il prossimo operatore lasci messaggio',
  ru: 'добро пожаловать нажмите один два три для отдела продаж поддержки счета номер спасибо за звонок офис закрыт завтра открыт подождите соединяем вас со следующим оператором оставьте сообщение',
  cmn: '欢迎 请 按 一 二 三 销售 支持 账单 号码 谢谢 来电 办公室 现在 关闭 明天 开放 请稍候 正在 为您 转接 下一位 客服 留言 之后',
};
const VARIANTS = ['', '+m3', '+f2', '+f4', '+m7', '+m1', '+f3', '+m5'];

/** Prompts that a recorded voice needs. */
const LEAST_RECORDED = 5;

/** Whether there is no espeak-ng on this machine. */
export const synthesiserIsMissing = (): boolean => spawnSync('espeak-ng', ['--version']).error !== undefined;

/** Voices of espeak-ng, each in another language, variant, speed and pitch. */
export function* synthesisedVoices(count: number, promptsEach: number): Iterable<Voice> {
  const languages = Object.keys(WORDS);
  for (let index = 0; index < count; index++) {
    const language = languages[index % languages.length];
    const variant = VARIANTS[(index + Math.floor(index / languages.length)) % VARIANTS.length];
    const random = seededRandom(1000 + index);
    const options = [
      '-s',
      String(130 + Math.floor(random() * 60)),
      '-p',
      String(30 + Math.floor(random() * 40)),
    ];
    const texts = textsOf(WORDS[language].split(' '), promptsEach, random);
    const prompts = texts.map((text) => promptOf(text, spoken(`${language}${variant}`, options, text)));
    yield { name: `espeak-ng ${language}${variant}`, prompts };
  }
}

/** Recorded voices: each folder in `folder` that has enough WAV files of the right length, or this one itself. */
export function* recordedVoices(folder: string, promptsEach: number): Iterable<Voice> {
  if (!existsSync(folder)) return;
  const inside = readdirSync(folder).map((name) => join(folder, name));
  for (const path of [folder, ...inside.filter((one) => statSync(one).isDirectory())]) {
    const files = oneOfEachFamily(readdirSync(path).sort());
    const sounds = files.map((file) => ({
      file,
      samples: convertWavBytes(readFileSync(join(path, file)), SOUND_RATE),
    }));
    const fitting = sounds.filter(
      ({ samples: { length } }) => length > SOUND_RATE && length < 10 * SOUND_RATE,
    );
    const every = Math.max(1, Math.floor(fitting.length / promptsEach));
    const prompts = fitting
      .filter((_, index) => index % every === 0)
      .slice(0, promptsEach)
      .map(({ file, samples }) => promptOf(file, samples));
    if (prompts.length >= LEAST_RECORDED) yield { name: basename(path), prompts };
  }
}

/** Recorded prompts are often sold in families: of those that begin with the same word only one is kept. */
function oneOfEachFamily(files: readonly string[]): string[] {
  const seen = new Set<string>();
  return files
    .filter((name) => name.endsWith('.wav'))
    .filter((name) => {
      const family = name.split(/[-_.\d]/)[0];
      const isNew = !seen.has(family);
      seen.add(family);
      return isNew;
    });
}

/** Different sentences of 4 to 13 words. */
function textsOf(words: readonly string[], count: number, random: () => number): string[] {
  const texts = new Set<string>();
  while (texts.size < count) {
    const length = 4 + Math.floor(random() * 10);
    texts.add(Array.from({ length }, () => words[Math.floor(random() * words.length)]).join(' '));
  }
  return [...texts];
}

function promptOf(name: string, samples: Int16Array): Prompt {
  return { name, samples, reference: prepareReference(samples, SOUND_RATE) };
}

function spoken(voice: string, options: readonly string[], text: string): Int16Array {
  const { status, stdout, stderr } = spawnSync('espeak-ng', ['-v', voice, ...options, '--stdout', text], {
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`espeak-ng failed with the voice ${voice}: ${String(stderr)}`);
  // espeak-ng writes to a pipe and cannot go back to fill in the sizes.
  stdout.writeUInt32LE(stdout.length - 8, 4);
  stdout.writeUInt32LE(stdout.length - 44, 40);
  return convertWavBytes(stdout, SOUND_RATE);
}
