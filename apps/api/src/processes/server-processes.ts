/** How many processes one server has, and how many of them serve. A class so that Nest can inject it by its type. */
export class ServerProcesses {
  running = 1;
  wanted = 1;
  /** It was told to stop, and goes on for as long as balancers take to look elsewhere. */
  isEnding = false;

  get isAlone(): boolean {
    return this.wanted === 1;
  }

  get description(): string {
    return this.running >= this.wanted ? 'ok' : `${this.running} of ${this.wanted} running`;
  }
}
