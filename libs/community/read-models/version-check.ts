/** Memory is used without a look at the database for this long after the last one; then somebody looks meanwhile. */
const CHECK_AFTER_MS = 500;
/** Beyond this nobody is answered from memory before somebody has looked: a ban counts everywhere within a second. */
const TRUSTED_FOR_MS = 900;

/** A failure that nobody ran into for this long says nothing about now. */
const FAILURE_COUNTS_FOR_MS = 60_000;

/**
 * Makes sure that nobody is answered from copies that were not held against the database for a second, whatever
 * the change bus loses. It looks when somebody asks, in the background if the last look is recent enough, so that a
 * server without visitors is idle. When PostgreSQL is away, the look fails, and with it whoever waits for it.
 */
export class VersionCheck {
  private readonly looks: (() => Promise<void>)[] = [];
  private checkedAtMs = Number.NEGATIVE_INFINITY;
  private expiredAtMs = Number.NEGATIVE_INFINITY;
  private running: Promise<void> | undefined;
  /** When the first look began that was followed by none that succeeded, and when something was last seen of it. */
  private pendingSinceMs: number | undefined;
  private triedAtMs = Number.NEGATIVE_INFINITY;
  private hasStarted = false;

  /** `nowMs`: a clock that never goes back. */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Whether copies are used at all. A program that makes a change and ends has no use for them. */
  get isOn(): boolean {
    return this.hasStarted;
  }

  /** For how long nobody could look, although somebody asked. */
  get failingSeconds(): number {
    const now = this.nowMs();
    const isCurrent = this.running !== undefined || now - this.triedAtMs < FAILURE_COUNTS_FOR_MS;
    return this.pendingSinceMs === undefined || !isCurrent ? 0 : (now - this.pendingSinceMs) / 1000;
  }

  start(): void {
    this.hasStarted = true;
  }

  /** `look` compares copies with the database, and throws when it cannot. */
  add(look: () => Promise<void>): void {
    this.looks.push(look);
  }

  /** Copies are not used before somebody has looked again. */
  expire(): void {
    this.checkedAtMs = Number.NEGATIVE_INFINITY;
    this.expiredAtMs = this.nowMs();
  }

  /** Undefined when copies can be used now, else a promise after which they can. It rejects when they cannot. */
  ensure(): Promise<void> | undefined {
    const now = this.nowMs();
    const age = now - this.checkedAtMs;
    if (age < CHECK_AFTER_MS) return undefined;
    if (age >= TRUSTED_FOR_MS) {
      const checked = this.checkSince(now - TRUSTED_FOR_MS);
      // Some only ask whether there is something to wait for: a failure that nobody waits for must not end the process.
      checked.catch(() => undefined);
      return checked;
    }
    this.run().catch(() => undefined); // whoever comes when it is too late for that is told
    return undefined;
  }

  /** One that is under way may have begun too long ago; then there is one more. */
  private async checkSince(earliest: number): Promise<void> {
    while (this.checkedAtMs <= earliest) await this.run();
  }

  private run(): Promise<void> {
    return (this.running ??= this.check().finally(() => (this.running = undefined)));
  }

  private async check(): Promise<void> {
    const startedAt = this.nowMs();
    this.pendingSinceMs ??= startedAt;
    await Promise.all(this.looks.map((look) => look())).finally(() => (this.triedAtMs = this.nowMs()));
    this.pendingSinceMs = undefined;
    if (startedAt >= this.expiredAtMs) this.checkedAtMs = startedAt;
  }
}
