import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import type { LogLevel } from '../config/settings.js';

/**
 * Structured lines on stderr (stdout is for what the person at the terminal should read), made readable when
 * stderr is a terminal.
 */
export function makeLogger(level: LogLevel): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!process.stderr.isTTY) return pino(options, pino.destination({ fd: 2, sync: false }));
  const pretty = {
    destination: 2,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  };
  return pino({ ...options, transport: { target: 'pino-pretty', options: pretty } });
}

/** Lets everything that logs through Nest's Logger write to pino, with its context as `part`. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    // Nest tells about each module and route it maps, which is of no use to an operator.
    this.write('debug', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  private write(
    level: 'fatal' | 'error' | 'warn' | 'debug' | 'trace',
    message: unknown,
    rest: unknown[],
  ): void {
    const part = rest.length > 0 ? rest.at(-1) : undefined;
    const details = rest.slice(0, -1).filter((detail) => detail !== undefined);
    this.pino[level]({ part, ...(details.length > 0 && { details }) }, String(message));
  }
}
