export type LadderLanguage = 'en' | 'ko';

/** The words of a ladder that are no terms of SIP. */
export interface LadderWords {
  packets: (count: number) => string;
  noPackets: string;
  loss: string;
  got: string;
  nothing: string;
  hold: string;
  refused: string;
  encrypted: string;
  credentials: string;
  recording: string;
  characters: (count: number) => string;
  rowsLeftOut: (count: number) => string;
  otherLanes: string;
  unreadable: string;
  empty: string;
}

export const LADDER_WORDS: Record<LadderLanguage, LadderWords> = {
  en: {
    packets: (count) => (count === 1 ? '1 packet' : `${count} packets`),
    noPackets: 'no packets',
    loss: 'loss',
    got: 'got',
    nothing: 'nothing',
    hold: 'hold',
    refused: 'refused',
    encrypted: 'encrypted',
    credentials: 'with credentials',
    recording: 'recording',
    characters: (count) => `${count} characters`,
    rowsLeftOut: (count) => `${count} rows left out`,
    otherLanes: 'others',
    unreadable: 'unreadable',
    empty: 'no messages',
  },
  ko: {
    packets: (count) => `패킷 ${count}개`,
    noPackets: '패킷 없음',
    loss: '손실',
    got: '실제',
    nothing: '없음',
    hold: '보류',
    refused: '거부',
    encrypted: '암호화',
    credentials: '인증 정보 포함',
    recording: '녹음',
    characters: (count) => `${count}자`,
    rowsLeftOut: (count) => `${count}행 생략`,
    otherLanes: '그 밖',
    unreadable: '읽을 수 없음',
    empty: '메시지 없음',
  },
};
