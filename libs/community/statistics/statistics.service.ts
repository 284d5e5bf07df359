import { Injectable } from '@nestjs/common';
import { Clock } from '../../protocol/clock.js';
import { badRequest, notFound } from '../../protocol/errors.js';
import type { RoomToken } from '../../protocol/ids.js';
import { RoomsRepository } from '../../storage/rooms.repository.js';
import {
  StatisticsRepository,
  WHOLE_SERVER,
  type Period,
  type PeriodRecord,
} from '../../storage/statistics.repository.js';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
export const HOURS_KEPT_DAYS = 90;
export const DAYS_KEPT_DAYS = 730;
/** In one series. */
export const POINTS_MAX = 2_400;

/** Between two counts of what the tables know; each is one statement per period. */
const TALLY_EVERY_SECONDS = 60;
const DROPPED_AT_ONCE = 5_000;

export const STEPS = { hour: 1, day: 24 } as const;
export type Step = keyof typeof STEPS;

export const SERIES = ['activeUsers', 'posts', 'polls', 'files', 'fileBytes', 'moderation'] as const;
export type SeriesName = (typeof SERIES)[number];

export interface SeriesQuery {
  /** Left out: the whole server. */
  room?: RoomToken | undefined;
  /** Left out: all. */
  series?: readonly SeriesName[] | undefined;
  step: Step;
  /** Unix seconds; the hour or day (UTC) that it falls into is the first. */
  from: number;
  /** Unix seconds; the hour or day before it is the last. */
  to: number;
}

export interface SeriesAnswer {
  /** Unix seconds at which the first point begins. */
  from: number;
  step: Step;
  /** A number for each hour or day, 0 where nothing happened. */
  series: Partial<Record<SeriesName, number[]>>;
  /** What `moderation` sums up, by the names of the log's actions. */
  moderation?: Record<string, number[]>;
}

/** How a community is used, by hour and by day (UTC). Nothing in here is about a person. */
@Injectable()
export class StatisticsService {
  private talliedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly statistics: StatisticsRepository,
    private readonly rooms: RoomsRepository,
    private readonly clock: Clock,
  ) {}

  /** Throws 404 for a room that is not there, 400 for more than {@link POINTS_MAX} points or none. */
  async series({ room, series = SERIES, step, from, to }: SeriesQuery): Promise<SeriesAnswer> {
    const stepSeconds = STEPS[step] * HOUR_SECONDS;
    const first = startOf(from, stepSeconds);
    const points = Math.ceil((to - first) / stepSeconds);
    if (!(points >= 1)) throw badRequest('The time to has to be after the time from');
    if (points > POINTS_MAX) throw badRequest(`At most ${POINTS_MAX} points are possible, not ${points}`);
    const end = first + points * stepSeconds;
    const roomId = room === undefined ? WHOLE_SERVER : await this.roomId(room);
    const records = await this.statistics.list(roomId, { stepHours: STEPS[step], from: first, to: end });
    const line = (valueOf: (record: PeriodRecord) => number): number[] => {
      const values = Array.from({ length: points }, () => 0);
      for (const record of records) values[Math.round((record.at - first) / stepSeconds)] = valueOf(record);
      return values;
    };
    const answer: SeriesAnswer = { from: first, step, series: {} };
    for (const name of series) answer.series[name] = line((record) => valueIn(record, name));
    if (series.includes('moderation')) answer.moderation = byKind(records, line);
    return answer;
  }

  /**
   * For the worker, every few seconds: counts what the tables know (who is active, what moderators did) and forgets
   * periods whose time is over; returns how many. Stopped anywhere and done again, it comes to the same numbers.
   */
  async keep(): Promise<number> {
    const now = this.clock.nowSeconds();
    if (now - this.talliedAt < TALLY_EVERY_SECONDS) return 0;
    for (const period of periodsAt(now)) {
      await this.statistics.tallyActiveUsers(period);
      await this.statistics.tallyModeration(period);
    }
    this.talliedAt = now;
    const hours = await this.statistics.drop(
      STEPS.hour,
      now - HOURS_KEPT_DAYS * DAY_SECONDS,
      DROPPED_AT_ONCE,
    );
    const days = await this.statistics.drop(STEPS.day, now - DAYS_KEPT_DAYS * DAY_SECONDS, DROPPED_AT_ONCE);
    return hours + days;
  }

  private async roomId(token: RoomToken): Promise<number> {
    const found = await this.rooms.find(token, undefined);
    if (!found) throw notFound(`There is no room "${token}"`);
    return found.room.id;
  }
}

/** The hour and the day of now, and those before for as long as somebody may still bring something. */
function periodsAt(now: number): Period[] {
  const [hour, day] = [startOf(now, HOUR_SECONDS), startOf(now, DAY_SECONDS)];
  return [
    { stepHours: STEPS.hour, at: hour - HOUR_SECONDS },
    { stepHours: STEPS.hour, at: hour },
    ...(hour === day ? [{ stepHours: STEPS.day, at: day - DAY_SECONDS }] : []),
    { stepHours: STEPS.day, at: day },
  ];
}

const startOf = (seconds: number, stepSeconds: number): number =>
  Math.floor(seconds / stepSeconds) * stepSeconds;

const valueIn = (record: PeriodRecord, name: SeriesName): number =>
  name === 'moderation' ? sum(Object.values(record.moderation)) : record[name];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function byKind(
  records: readonly PeriodRecord[],
  line: (valueOf: (record: PeriodRecord) => number) => number[],
): Record<string, number[]> {
  const kinds = [...new Set(records.flatMap(({ moderation }) => Object.keys(moderation)))].sort();
  return Object.fromEntries(kinds.map((kind) => [kind, line(({ moderation }) => moderation[kind] ?? 0)]));
}
