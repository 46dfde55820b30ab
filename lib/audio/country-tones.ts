/** Call-progress tones of a country, in the grammar of `parseTone`. */
export interface CountryTones {
  readonly dial: string;
  readonly ringback: string;
  readonly busy: string;
  /** Congestion, in North America called reorder. */
  readonly congestion: string;
}

export type ProgressKind = keyof CountryTones;

export const PROGRESS_KINDS: readonly ProgressKind[] = ['dial', 'ringback', 'busy', 'congestion'];

/** Tones of 425 Hz, which most of the world has, with what differs. */
const european = (ringback: string, busy: string, congestion: string, dial = '425'): CountryTones => ({
  dial,
  ringback: `425/${ringback}`,
  busy: `425/${busy}`,
  congestion: `425/${congestion}`,
});

/**
 * The tones that are played by name and that are recognised: one table for both. By ISO 3166 code, but for `uk`. The figures
 * are those that ITU-T E.180 Supplement 2 and the countries publish; exchanges are permitted to differ by a tenth.
 */
export const COUNTRY_TONES: Readonly<Record<string, CountryTones>> = {
  us: {
    dial: '350+440',
    ringback: '440+480/2000,4000',
    busy: '480+620/500,500',
    congestion: '480+620/250,250',
  },
  uk: {
    dial: '350+440',
    ringback: '400+450/400,200,400,2000',
    busy: '400/375,375',
    congestion: '400/400,350,225,525',
  },
  de: european('1000,4000', '480,480', '240,240'),
  fr: { dial: '440', ringback: '440/1500,3500', busy: '440/500,500', congestion: '440/250,250' },
  kr: {
    dial: '350+440',
    ringback: '440+480/1000,2000',
    busy: '480+620/500,500',
    congestion: '480+620/300,200',
  },
  jp: { dial: '400', ringback: '400*16/1000,2000', busy: '400/500,500', congestion: '400/500,500' },
  at: { dial: '420', ringback: '420/1000,5000', busy: '420/400,400', congestion: '420/200,200' },
  au: {
    dial: '413+438',
    ringback: '413+438/400,200,400,2000',
    busy: '425/375,375',
    congestion: '425/375,375;420/375,375',
  },
  be: european('1000,3000', '500,500', '167,167'),
  bg: european('1000,4000', '500,500', '250,250'),
  br: european('1000,4000', '250,250', '250,250,750,250'),
  ca: {
    dial: '350+440',
    ringback: '440+480/2000,4000',
    busy: '480+620/500,500',
    congestion: '480+620/250,250',
  },
  ch: european('1000,4000', '500,500', '200,200'),
  cl: { dial: '400', ringback: '400/1000,3000', busy: '400/500,500', congestion: '400/200,200' },
  cn: { dial: '450', ringback: '450/1000,4000', busy: '450/350,350', congestion: '450/700,700' },
  cz: european('1000,4000', '330,330', '165,165', '425/330,330,660,660'),
  dk: european('1000,4000', '500,500', '200,200'),
  ee: european('1000,4000', '300,300', '200,200'),
  es: european('1500,3000', '200,200', '200,200,200,200,200,600'),
  fi: european('1000,4000', '300,300', '200,200'),
  gr: european('1000,4000', '300,300', '200,200', '425/200,300,700,800'),
  hu: european('1250,3750', '300,300', '300,300'),
  id: european('1000,4000', '500,500', '250,250'),
  il: { dial: '414', ringback: '414/1000,3000', busy: '414/500,500', congestion: '414/250,250' },
  in: {
    dial: '400*25',
    ringback: '400*25/400,200,400,2000',
    busy: '400/750,750',
    congestion: '400/250,250',
  },
  it: european('1000,4000', '500,500', '200,200', '425/200,200,600,1000'),
  lt: european('1000,4000', '350,350', '200,200'),
  mx: european('1000,4000', '250,250', '250,250'),
  my: european('400,200,400,2000', '500,500', '500,500'),
  nl: european('1000,4000', '500,500', '250,250'),
  no: european('1000,4000', '500,500', '200,200'),
  nz: {
    dial: '400',
    ringback: '400+450/400,200,400,2000',
    busy: '400/500,500',
    congestion: '400/250,250',
  },
  ph: {
    dial: '425',
    ringback: '425+480/1000,4000',
    busy: '480+620/500,500',
    congestion: '480+620/250,250',
  },
  pl: european('1000,4000', '500,500', '500,500'),
  pt: european('1000,5000', '500,500', '200,200'),
  ru: european('1000,4000', '350,350', '175,175'),
  se: european('1000,5000', '250,250', '250,750'),
  sg: {
    dial: '425',
    ringback: '425*24/400,200,400,2000',
    busy: '425/750,750',
    congestion: '425/250,250',
  },
  th: { dial: '400*50', ringback: '420/1000,5000', busy: '400/500,500', congestion: '400/300,300' },
  tw: {
    dial: '350+440',
    ringback: '440+480/1000,2000',
    busy: '480+620/500,500',
    congestion: '480+620/250,250',
  },
  ve: european('1000,4000', '500,500', '250,250'),
  za: {
    dial: '400*33',
    ringback: '400*33/400,200,400,2000',
    busy: '400/500,500',
    congestion: '400/250,250',
  },
};

/** Special information tone of ITU-T E.180: three tones, then an announcement. */
export const SPECIAL_INFORMATION = '950/330,0;1400/330,0;1800/330,1000';

/** Every tone that has a name: `busy-us`, …, `sit`; spelled in the grammar of `parseTone`. */
export const NAMED_TONES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(COUNTRY_TONES).flatMap(([country, tones]) =>
      PROGRESS_KINDS.map((kind) => [`${kind}-${country}`, tones[kind]]),
    ),
  ),
  sit: SPECIAL_INFORMATION,
};

/** What tones are called, for messages. */
export const TONE_NAMES = `${PROGRESS_KINDS.join(', ')} with a country, such as busy-us (${Object.keys(COUNTRY_TONES).join(', ')}), and sit`;
