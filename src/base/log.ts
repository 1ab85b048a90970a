/** How lines of the log are written: for people, or as one JSON object each. */
export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export type LogLevel = 'info' | 'warn' | 'error';

/** What a line is about, besides its message; `subject` stands before the message in text. */
export interface LogFields {
  readonly subject?: string;
  readonly [name: string]: string | number | boolean | undefined;
}

let format: LogFormat = 'text';

/** Chooses how this process writes its log. */
export function logAs(chosen: LogFormat): void {
  format = chosen;
}

/**
 * A line of the log: `2026-11-28T01:32:05.634Z warn history: …`, or `{"time","level","message",…fields}`. Whatever a
 * message has in it, it stays one line.
 */
export function logLine(
  chosen: LogFormat,
  level: LogLevel,
  message: string,
  fields: LogFields = {},
  time = new Date(),
): string {
  const at = time.toISOString();
  if (chosen === 'json') return `${JSON.stringify({ time: at, level, message, ...fields })}\n`;
  const subject = fields.subject === undefined ? '' : `${fields.subject}: `;
  return `${at} ${level} ${escaped(subject + message)}\n`;
}

/** The log of the server, on standard error. */
export const log = {
  info: (message: string, fields?: LogFields): void => write('info', message, fields),
  warn: (message: string, fields?: LogFields): void => write('warn', message, fields),
  error: (message: string, fields?: LogFields): void => write('error', message, fields),
};

function write(level: LogLevel, message: string, fields: LogFields | undefined): void {
  process.stderr.write(logLine(format, level, message, fields));
}

/** Names and messages come from elsewhere: none may begin a line of its own or colour a terminal. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (sign) =>
    sign === '\n' ? '\\n' : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
