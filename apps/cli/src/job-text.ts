import type { LongJobProgress } from '../../../libs/jobs/long-job-kinds.js';
import type { LongJobRecord } from '../../../libs/jobs/long-jobs.js';
import { counted } from '../../../libs/protocol/counted.js';

/** `2 of 12 rooms, 1400 messages`. */
export const progressText = ({ rooms, roomsTotal, messages }: LongJobProgress): string =>
  `${rooms} of ${counted(roomsTotal, 'room')}, ${counted(messages, 'message')}`;

/** Where a job is, in a line. */
export function stateText(job: LongJobRecord): string {
  switch (job.state) {
    case 'waiting':
      return 'waiting for a worker';
    case 'delayed':
      return `${progressText(job.progress)}; trying again${job.reason === null ? '' : ` after: ${job.reason}`}`;
    default:
      return progressText(job.progress);
  }
}
