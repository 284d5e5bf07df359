import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { ChangeBus } from '../../coordination/change-bus.js';
import type { Change } from '../../protocol/change.js';
import type { RoomToken } from '../../protocol/ids.js';
import { ChangeMarksRepository } from '../../storage/admin/change-marks.repository.js';
import { Database } from '../../storage/database.js';
import { RoomsRepository } from '../../storage/rooms.repository.js';
import { JobDeskService } from './job-desk.service.js';

/** That something changed, never what. `rooms` and `log` tell of the server as a whole. */
export type AdminEvent =
  | { event: 'messages'; roomId: number; data: { room: RoomToken; seqno: number } }
  | { event: 'room'; roomId: number; data: { room: RoomToken } }
  | { event: 'rooms' | 'bans' | 'jobs' | 'rules'; data: Record<string, never> }
  | { event: 'log'; data: { id: number } };

type Listener = (event: AdminEvent) => void;

/** Changes that come within this time are told together. */
const GATHER_MS = 100;
const LOG_EVERY_MS = 1_000;
const JOBS_EVERY_MS = 3_000;
/** Of messages that came in at once. */
const GATHERED_MAX = 1_000;

/**
 * Tells listeners in this process what changes in the community, wherever it was changed. While nobody listens it does
 * nothing. The log and the jobs are looked at, since not everything that they tell of is on the bus.
 */
@Injectable()
export class AdminEventsService implements OnModuleDestroy {
  private readonly log = new Logger('admin events');
  private readonly listeners = new Set<Listener>();
  private gathered: Change[] = [];
  private gathering: NodeJS.Timeout | undefined;
  private looking: NodeJS.Timeout[] = [];
  private lastEntry: number | undefined;
  private lastJobs: string | undefined;

  constructor(
    private readonly marks: ChangeMarksRepository,
    private readonly rooms: RoomsRepository,
    private readonly jobs: JobDeskService,
    database: Database,
  ) {
    database.onCommitted((changes) => this.gather(changes));
  }

  /** `bus`: tells of changes by other processes. */
  start(bus: Pick<ChangeBus, 'subscribe'>): void {
    bus.subscribe((changes) => this.gather(changes));
  }

  /** Returns how to stop it. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.wake();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.rest();
    };
  }

  onModuleDestroy(): void {
    this.listeners.clear();
    this.rest();
  }

  private wake(): void {
    const often = (ms: number, look: () => Promise<void>): NodeJS.Timeout => {
      const timer = setInterval(() => void this.attempt(look), ms);
      return timer.unref();
    };
    this.looking = [
      often(LOG_EVERY_MS, () => this.lookAtLog()),
      often(JOBS_EVERY_MS, () => this.lookAtJobs()),
    ];
    void this.attempt(() => this.lookAtLog());
    void this.attempt(() => this.lookAtJobs());
  }

  private rest(): void {
    for (const timer of this.looking) clearInterval(timer);
    clearTimeout(this.gathering);
    [this.looking, this.gathering, this.gathered] = [[], undefined, []];
    [this.lastEntry, this.lastJobs] = [undefined, undefined];
  }

  private gather(changes: readonly Change[]): void {
    if (this.listeners.size === 0) return;
    if (this.gathered.length < GATHERED_MAX) this.gathered.push(...changes);
    this.gathering ??= setTimeout(() => void this.attempt(() => this.tellGathered()), GATHER_MS).unref();
  }

  private async tellGathered(): Promise<void> {
    const changes = this.gathered;
    [this.gathering, this.gathered] = [undefined, []];
    if (changes.some(({ kind }) => kind === 'users')) this.tell({ event: 'bans', data: {} });
    if (changes.some(({ kind }) => kind === 'rules')) this.tell({ event: 'rules', data: {} });
    const changed = new Set(changes.flatMap((one) => (one.kind === 'room' ? one.roomId : [])));
    const reached = new Map<number, number>();
    for (const one of changes)
      if (one.kind === 'messages')
        reached.set(one.roomId, Math.max(one.sequence, reached.get(one.roomId) ?? 0));
    const isEverything = changes.some(({ kind }) => kind === 'everything' || kind === 'missed');
    const known = await this.rooms.byIds([...changed, ...reached.keys()]);
    const tokens = new Map(known.map(({ id, token }) => [id, token]));
    if (isEverything || [...changed].some((id) => !tokens.has(id))) this.tell({ event: 'rooms', data: {} });
    for (const [id, token] of tokens) {
      const seqno = reached.get(id);
      if (seqno !== undefined) this.tell({ event: 'messages', roomId: id, data: { room: token, seqno } });
      if (changed.has(id)) this.tell({ event: 'room', roomId: id, data: { room: token } });
    }
    if (changed.size > 0) this.tell({ event: 'bans', data: {} });
  }

  private async lookAtLog(): Promise<void> {
    const id = await this.marks.lastLogEntry();
    if (this.lastEntry !== undefined && id > this.lastEntry) this.tell({ event: 'log', data: { id } });
    this.lastEntry = id;
  }

  private async lookAtJobs(): Promise<void> {
    const jobs = await this.jobs.list(['running', 'waiting', 'delayed', 'dead']);
    const seen = JSON.stringify(jobs.map(({ id, state, progress }) => [id, state, progress]));
    if (this.lastJobs !== undefined && seen !== this.lastJobs) this.tell({ event: 'jobs', data: {} });
    this.lastJobs = seen;
  }

  private tell(event: AdminEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  /** What cannot be looked at now is looked at the next time. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.log.debug(`events wait: ${(error as Error).message}`);
    }
  }
}
