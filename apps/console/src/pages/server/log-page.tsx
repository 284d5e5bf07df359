import { Button, Group, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Link } from 'wouter';
import { listLog } from '../../api/records.js';
import type { LogEntry } from '../../api/record-types.js';
import { Card } from '../../parts/card.jsx';
import type { Column } from '../../parts/data-table.jsx';
import { momentOf } from '../../parts/moment.js';
import { PageHead } from '../../parts/page-head.jsx';
import { PagedTable } from '../../parts/paged-table.jsx';
import { PersonLink } from '../../parts/person.jsx';
import { isSessionId, wordsOf } from '../../parts/shown.js';
import { EmptyState } from '../../parts/states.jsx';
import { Time } from '../../parts/time.jsx';
import { detailTexts } from './log-details.js';

const NOTHING = { action: '', actor: '', token: '', target: '', room: '', from: '', to: '' };
type Filter = typeof NOTHING;

const FIELDS: readonly {
  key: keyof Filter;
  label: string;
  placeholder?: string;
  type?: 'datetime-local';
}[] = [
  { key: 'action', label: 'What', placeholder: 'message.delete' },
  { key: 'actor', label: 'Who did it', placeholder: 'Session ID' },
  { key: 'token', label: 'By which token', placeholder: 'Its name' },
  { key: 'target', label: 'To whom', placeholder: 'Session ID' },
  { key: 'room', label: 'Room', placeholder: 'Token' },
  { key: 'from', label: 'From', type: 'datetime-local' },
  { key: 'to', label: 'To', type: 'datetime-local' },
];

export function LogPage() {
  const [filter, setFilter] = useState(NOTHING);
  return (
    <>
      <PageHead
        title="Moderation log"
        note="What was done, by whom, to whom. It cannot be changed, and holds no message."
      />
      <LogFilter onFilter={setFilter} />
      <Card isFlush>
        <PagedTable
          label="Moderation log"
          queryKey={['log', filter]}
          load={(cursor) => listLog({ ...queryOf(filter), cursor })}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          empty={<EmptyState title="Nothing here">Nothing was done yet that matches.</EmptyState>}
        />
      </Card>
    </>
  );
}

const queryOf = ({ action, actor, token, target, room, from, to }: Filter) => ({
  action: action.trim().toLowerCase(),
  actor: actor.trim(),
  token: token.trim(),
  target: target.trim(),
  room: room.trim(),
  from: momentOf(from),
  to: momentOf(to),
});

function LogFilter({ onFilter }: { onFilter(filter: Filter): void }) {
  const [filter, setFilter] = useState(NOTHING);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onFilter(filter);
  };
  return (
    <form onSubmit={submit} role="search">
      <Group align="flex-end" gap="sm" mb="md">
        {FIELDS.map(({ key, label, placeholder, type }) => (
          <TextInput
            key={key}
            label={label}
            placeholder={placeholder}
            type={type}
            value={filter[key]}
            onChange={(event) => setFilter({ ...filter, [key]: event.currentTarget.value })}
            spellCheck={false}
            flex="1 1 9rem"
          />
        ))}
        <Button type="submit" variant="default">
          Filter
        </Button>
      </Group>
    </form>
  );
}

const COLUMNS: readonly Column<LogEntry>[] = [
  { header: 'When', cell: ({ at }) => <Time at={at} /> },
  {
    header: 'What',
    cell: ({ action }) => (
      <Text fw={600} size="sm" component="span">
        {wordsOf(action)}
      </Text>
    ),
  },
  { header: 'By', cell: (entry) => <Actor entry={entry} /> },
  { header: 'To', cell: ({ target }) => (target === undefined ? '–' : <PersonLink sessionId={target} />) },
  {
    header: 'Room',
    cell: ({ room }) =>
      room === undefined ? (
        '–'
      ) : (
        <Link href={`/rooms/${room}`} className="row-link">
          {room}
        </Link>
      ),
  },
  { header: 'Details', cell: (entry) => <Details entry={entry} /> },
];

/** A person, a token, or what did it by itself. */
function Actor({ entry: { actor, token, via } }: { entry: LogEntry }) {
  if (token !== undefined) return <bdi className="wrap-anywhere">{token}</bdi>;
  const isPerson = actor !== undefined && isSessionId(actor);
  return isPerson ? <PersonLink sessionId={actor} /> : <span>{wordsOf(via)}</span>;
}

function Details({ entry: { detail } }: { entry: LogEntry }) {
  return (
    <Text size="sm" c="dimmed" component="bdi" className="wrap-anywhere">
      {detailTexts(detail).join(' · ')}
    </Text>
  );
}
