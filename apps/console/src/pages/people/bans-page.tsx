import { Button, Group, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { listBans } from '../../api/people.js';
import { Card } from '../../parts/card.jsx';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { Icon } from '../../parts/icon.jsx';
import { PageHead } from '../../parts/page-head.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { SearchField } from '../../parts/search-field.jsx';
import { useSettled } from '../../parts/settled.js';
import { EmptyState } from '../../parts/states.jsx';
import { useMay } from '../../session/session.js';
import { BanDialog } from './ban-dialog.jsx';
import { BAN_COLUMNS } from './ban-table.jsx';

const ANY_ID = /^(?:05|15)[0-9a-f]{64}$/i;

type Kind = 'ban' | 'mute';

export function BansPage() {
  const may = useMay();
  const [kind, setKind] = useState<Kind>('ban');
  const [search, setSearch] = useState('');
  const prefix = useSettled(search.toLowerCase());
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <PageHead title="Bans and mutes" note="Those that hold now. Past ones are in the log.">
        {may('moderator') && (
          <Button onClick={() => setAsking(true)} leftSection={<Icon name="plus" />}>
            Ban somebody
          </Button>
        )}
      </PageHead>
      <Group className="toolbar">
        <SegmentedControl
          aria-label="What is listed"
          value={kind}
          onChange={(value) => setKind(value as Kind)}
          data={[
            { value: 'ban', label: 'Bans' },
            { value: 'mute', label: 'Mutes' },
          ]}
        />
        <SearchField label="Start of a Session ID" value={search} onChange={setSearch} />
      </Group>
      <Card isFlush>
        <PagedTable
          label="Bans and mutes"
          queryKey={['bans', kind, prefix]}
          load={(cursor) => listBans({ kind, prefix, cursor })}
          columns={BAN_COLUMNS}
          keyOf={({ id }) => id}
          empty={
            <EmptyState title={kind === 'ban' ? 'Nobody is banned' : 'Nobody is muted'}>
              {prefix === '' ? 'Let us hope that it stays like this.' : 'Nobody with such an ID.'}
            </EmptyState>
          }
        />
      </Card>
      {isAsking && <BanById onClose={() => setAsking(false)} />}
    </>
  );
}

/** First whom, then how. */
function BanById({ onClose }: { onClose(): void }) {
  const [typed, setTyped] = useState('');
  const [sessionId, setSessionId] = useState<string>();
  if (sessionId !== undefined) return <BanDialog kind="ban" sessionId={sessionId} onClose={onClose} />;
  const id = typed.trim().toLowerCase();
  return (
    <FormDialog
      title="Ban somebody"
      isOpen
      onClose={onClose}
      onSubmit={() => setSessionId(id)}
      submit="Continue"
      isReady={ANY_ID.test(id)}
    >
      <TextInput
        label="Session ID"
        description="05… or the community’s 15…; also of somebody who was never here."
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        spellCheck={false}
        data-autofocus
        required
      />
    </FormDialog>
  );
}
