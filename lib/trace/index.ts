/** SIP messages of the latest calls, for people who look for a fault. */
export {
  MessageTrace,
  type MessageRecord,
  type MessageTraceOptions,
  type TracedMessage,
} from './message-trace';
