/** Where coordination tells what an operator should know. */
export interface CoordinationLog {
  warn(message: string): void;
}
