import type { INestApplicationContext } from '@nestjs/common';
import { ActivityRecorder } from '../../libs/community/activity-recorder.js';
import { StatisticsRecorder } from '../../libs/community/statistics/statistics-recorder.js';

/** What was collected is written when a test says so: on a slow machine it would come by itself in the middle of one. */
export function stillRecorders(app: Pick<INestApplicationContext, 'get'>): void {
  clearInterval(app.get(ActivityRecorder)['timer']);
  clearInterval(app.get(StatisticsRecorder)['timer']);
}
