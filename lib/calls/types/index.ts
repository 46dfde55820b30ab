// The interface of lib/calls, by subject.
export * from './call';
export * from './digits';
export * from './dial-through';
export * from './phone';
export * from './listen';
export * from './media';
export * from './signalling';
export * from './request';
export type { Failure } from '../../common';
export type { Candidate } from '../../audio';
export type {
  AudioInfo,
  AudioSource,
  CapturedPacket,
  Heard,
  ListenFor,
  ListenSince,
  MediaLoad,
  PlaybackResult,
  RecordChannels,
  RecordingResult,
  RtcpPacket,
} from '../../media';
export type { ExtraHeaders, Headers, RegistrationReport } from '../../sip';
export type { MessageRecord, TracedMessage } from '../../trace';
