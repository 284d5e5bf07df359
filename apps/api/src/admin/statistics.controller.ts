import { Get } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import type { Principal } from '../../../../libs/community/admin/principal.js';
import { PrincipalsService, requireEverywhere } from '../../../../libs/community/admin/principals.service.js';
import {
  SERIES,
  STEPS,
  StatisticsService,
  type SeriesName,
  type Step,
} from '../../../../libs/community/statistics/statistics.service.js';
import { Clock, isoTime } from '../../../../libs/protocol/clock.js';
import { AdminController } from './admin-controller.js';
import { Answers, Refuses } from './answers.js';
import { QueryOf } from './input.js';
import { Asker, Needs } from './needs.js';
import { roomToken, time, timeInput } from './schemas/parts.schema.js';

const DAY_SECONDS = 86_400;
/** Without a time from. */
const DAYS_BACK: Readonly<Record<Step, number>> = { hour: 1, day: 30 };

const isSeries = (name: string): name is SeriesName => (SERIES as readonly string[]).includes(name);

const statisticsQuery = z.object({
  series: z
    .string()
    .max(200)
    .optional()
    .transform((text) => text?.split(',').filter((name) => name !== ''))
    .refine((names) => names?.every(isSeries) ?? true, `Series are ${SERIES.join(', ')}`)
    .describe(`Some of ${SERIES.join(', ')}, with commas between; absent: all`),
  from: timeInput.optional().describe('Absent: a day ago for hours, 30 days for days'),
  to: timeInput.optional().describe('Absent: now'),
  step: z.enum(Object.keys(STEPS) as [Step, ...Step[]]).default('day'),
  room: roomToken.optional().describe('Absent: the whole server'),
});

const line = z.array(z.int());
const statistics = z.object({
  from: time('When the first point begins'),
  step: z.enum(Object.keys(STEPS) as [Step, ...Step[]]),
  series: z.partialRecord(z.enum(SERIES), line).describe('A number for each hour or day (UTC)'),
  moderation: z.record(z.string(), line).optional().describe('By action of the moderation log'),
});

@AdminController('statistics', 'server')
export class StatisticsController {
  constructor(
    private readonly principals: PrincipalsService,
    private readonly statistics: StatisticsService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Needs('viewer', 'anywhere')
  @ApiOperation({ summary: 'How a room or the server is used, by hour or by day' })
  @Answers(200, 'Numbers; 0 where nothing happened', statistics)
  @Refuses({ 404: 'There is no such room' })
  async series(
    @Asker() principal: Principal,
    @QueryOf(statisticsQuery) { series, from, to, step, room }: z.infer<typeof statisticsQuery>,
  ): Promise<z.infer<typeof statistics>> {
    if (room === undefined) requireEverywhere(principal, 'viewer');
    const access = room === undefined ? undefined : await this.principals.room(principal, room, 'viewer');
    const end = to ?? this.clock.nowSeconds();
    const answer = await this.statistics.series({
      room: access?.room.token,
      series: series?.filter(isSeries),
      step,
      from: from ?? end - DAYS_BACK[step] * DAY_SECONDS,
      to: end,
    });
    return { ...answer, from: isoTime(answer.from) };
  }
}
