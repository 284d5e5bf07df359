import { at, type Query } from './address.js';
import { ask, request } from './request.js';
import type { FileEntry, FileUsage, Job, LogEntry, SeriesName, Statistics } from './record-types.js';
import type { Page } from './types.js';

export const listLog = (query: Query): Promise<Page<LogEntry>> => ask('GET', '/log', { query });
export const readStatistics = (query: {
  series: readonly SeriesName[];
  from: string;
  to: string;
  step: 'hour' | 'day';
  room?: string;
}): Promise<Statistics> => ask('GET', '/statistics', { query });

export const readFileUsage = (): Promise<FileUsage> => ask('GET', '/files/usage');
export const listFiles = (room: string, query: Query): Promise<Page<FileEntry>> =>
  ask('GET', at`/rooms/${room}/files`, { query });
export const readFile = async (room: string, id: number): Promise<Blob> =>
  (await request('GET', at`/rooms/${room}/files/${id}`)).blob();
export const deleteFile = (room: string, id: number): Promise<void> =>
  ask('DELETE', at`/rooms/${room}/files/${id}`);

export const listJobs = (query: Query = {}): Promise<Page<Job>> => ask('GET', '/jobs', { query });
export const retryJob = (id: string): Promise<void> => ask('POST', at`/jobs/${id}/retry`);
export const removeJob = (id: string): Promise<void> => ask('DELETE', at`/jobs/${id}`);
