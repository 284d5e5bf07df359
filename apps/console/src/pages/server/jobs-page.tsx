import { Badge, Button, Group, Text } from '@mantine/core';
import { listJobs, removeJob, retryJob } from '../../api/records.js';
import type { Job } from '../../api/record-types.js';
import { useAction } from '../../parts/action.js';
import { Card } from '../../parts/card.jsx';
import { ConfirmButton } from '../../parts/confirm-button.jsx';
import type { Column } from '../../parts/data-table.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { ShareBar } from '../../parts/share-bar.jsx';
import { counted, wordsOf } from '../../parts/shown.js';
import { EmptyState } from '../../parts/states.jsx';
import { Time } from '../../parts/time.jsx';
import { useMay } from '../../session/session.js';

/** Progress is not told by events. */
const LOOKED_UP_EVERY_MS = 10_000;

export function JobsPage() {
  return (
    <>
      <PageHead
        title="Jobs"
        note="Long work that the worker does: deleting everything of somebody, moving files, imports."
      />
      <Card isFlush>
        <PagedTable
          label="Jobs"
          queryKey={['jobs']}
          load={(cursor) => listJobs({ cursor })}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          refetchIntervalMs={LOOKED_UP_EVERY_MS}
          empty={<EmptyState title="No jobs">Nothing waits, and nothing failed.</EmptyState>}
        />
      </Card>
    </>
  );
}

const STATES: Readonly<Record<Job['state'], { label: string; color: string }>> = {
  running: { label: 'Running', color: 'blue' },
  waiting: { label: 'Waiting', color: 'gray' },
  delayed: { label: 'Tried again soon', color: 'yellow' },
  dead: { label: 'Failed', color: 'red' },
  done: { label: 'Done', color: 'plaza' },
};

const COLUMNS: readonly Column<Job>[] = [
  {
    header: 'Job',
    cell: ({ kind, failure }) => (
      <div>
        <Text size="sm" fw={600}>
          {wordsOf(kind)}
        </Text>
        {failure !== undefined && (
          <Text size="sm" c="var(--mantine-color-error)" component="bdi" className="wrap-anywhere">
            {failure}
          </Text>
        )}
      </div>
    ),
  },
  { header: 'State', cell: ({ state }) => <Badge color={STATES[state].color}>{STATES[state].label}</Badge> },
  { header: 'Progress', cell: ({ progress }) => <Progress progress={progress} /> },
  { header: 'Created', cell: ({ createdAt }) => <Time at={createdAt} /> },
  { header: 'Finished', cell: ({ finishedAt }) => <Time at={finishedAt} /> },
  { header: 'Actions', isActions: true, cell: (job) => <JobActions job={job} /> },
];

function Progress({ progress: { rooms, roomsTotal, messages } }: Pick<Job, 'progress'>) {
  return (
    <>
      {roomsTotal > 0 && <ShareBar share={rooms / roomsTotal} />}
      <Text size="sm" c="dimmed">
        {counted(messages, 'message', 'messages')}
      </Text>
    </>
  );
}

function JobActions({ job: { id, kind, state } }: { job: Job }) {
  const may = useMay();
  const retry = useAction<void>({
    run: () => retryJob(id),
    done: 'The job is tried again',
    changes: [['jobs']],
  });
  if (!may('admin')) return null;
  return (
    <Group gap="xs" wrap="nowrap" justify="flex-end">
      {state === 'dead' && (
        <Button size="xs" variant="default" onClick={() => retry.mutate()} loading={retry.isPending}>
          Retry
        </Button>
      )}
      {state === 'dead' && (
        <ConfirmButton
          label="Remove"
          about={wordsOf(kind)}
          title="Remove this job?"
          run={() => removeJob(id)}
          done="The job was removed"
          changes={[['jobs']]}
        >
          What it has not done yet will not be done.
        </ConfirmButton>
      )}
    </Group>
  );
}
