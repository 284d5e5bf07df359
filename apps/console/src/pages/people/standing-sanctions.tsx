import { Alert, Text } from '@mantine/core';
import { ApiProblem } from '../../api/problem.js';
import type { Ban } from '../../api/types.js';
import { Failure, LoadingState } from '../../parts/states.jsx';
import { EndTime } from '../../parts/time.jsx';
import { Imposer } from './imposer.jsx';
import { endsSooner, standingAt, type NewSanction } from './sanctions.js';
import { useUser } from './use-user.js';

/** What holds against somebody right now, as far as one may see it. */
export function useSanctions(sessionId: string) {
  const { data, error, isPending } = useUser(sessionId);
  const isUnknown = error instanceof ApiProblem && error.status === 404;
  return { bans: data?.bans ?? [], isPending, error: data || isUnknown ? undefined : error };
}

interface StandingSanctionsProps {
  known: ReturnType<typeof useSanctions>;
  wanted: NewSanction;
}

/** So that nobody shortens a ban, or loses its reason, without seeing it. */
export function StandingSanctions({ known, wanted }: StandingSanctionsProps) {
  if (known.isPending) return <LoadingState rows={1} />;
  const { kind } = wanted;
  const { replaced, others } = standingAt(known.bans, wanted);
  return (
    <>
      <Failure error={known.error} title="What holds now could not be loaded" />
      {replaced && (
        <Alert color="yellow" title={titleOf(replaced)} role="status">
          <Facts ban={replaced} />
          <Text size="sm" fw={600} mt="xs">
            The new {kind} takes its place{endsSooner(wanted, replaced) ? ', and ends sooner' : ''}.
          </Text>
        </Alert>
      )}
      {others.map((ban) => (
        <Alert key={`${ban.kind}-${ban.id}`} color="gray" title={titleOf(ban)} role="status">
          <Facts ban={ban} />
          <Text size="sm" mt="xs">
            This goes on beside the new {kind}.
          </Text>
        </Alert>
      ))}
    </>
  );
}

function titleOf({ kind, room }: Ban): string {
  const what = kind === 'ban' ? 'Banned' : 'Muted';
  return room === undefined ? `${what} in the whole server already` : `${what} in ${room} already`;
}

function Facts({ ban: { until, reason, by, via } }: { ban: Ban }) {
  return (
    <Text size="sm" component="div">
      <div>
        Ends: <EndTime at={until} />
      </div>
      <div>
        Reason: <bdi className="wrap-anywhere">{reason ?? '–'}</bdi>
      </div>
      <div>
        By: <Imposer by={by} via={via} />
      </div>
    </Text>
  );
}
