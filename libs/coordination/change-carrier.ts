/** What a change bus hears from its carrier. */
export interface CarrierHandlers {
  onText(text: string): void;
  /** The connection was lost and is there again: texts may have been missed. */
  onReconnected(): void;
}

/**
 * Carries texts to all processes of a community, the sender too. Reconnects by itself. libs/storage has one over
 * PostgreSQL's notifications, which it knows by this shape.
 */
export interface ChangeCarrier {
  /** Longer texts are not carried. */
  readonly textBytesMax: number;
  /** Called once, before anything else. */
  start(handlers: CarrierHandlers): void;
  /** Resolves when the text is handed over, on its way to those who listen; rejects while the connection is away. */
  send(text: string): Promise<void>;
  close(): Promise<void>;
}
