/**
 * Why the server ends a stream, as the WebSocket close code; the reason beside it says the same for people. Codes
 * from 4000 are hzstat's own. A connection cut without a code (1006) broke a rule of the protocol itself, fell
 * silent, or came when there were too many.
 */
export const CLOSE_CODES = {
  /** The server shuts down: try again later. */
  goingAway: 1001,
  /** A message of the client was larger than {@link MOST_MESSAGE_BYTES}. */
  messageTooBig: 1009,
  /** The client did not read for half a minute. */
  tooSlow: 4008,
  /** The client sent more messages than it may. */
  tooManyMessages: 4029,
} as const;

/** The largest message a client may send. */
export const MOST_MESSAGE_BYTES = 16 * 1024;
