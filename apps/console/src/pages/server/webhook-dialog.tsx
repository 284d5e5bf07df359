import { Checkbox, MultiSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { changeWebhook, createWebhook, readWebhook, type WebhookInput } from '../../api/access.js';
import type { Webhook } from '../../api/record-types.js';
import { useAction } from '../../parts/action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { SecretDialog } from '../../parts/secret-dialog.jsx';
import { wordsOf } from '../../parts/shown.js';
import { ErrorState, LoadingState } from '../../parts/states.jsx';
import { ALL_EVENTS, WEBHOOK_EVENTS } from './webhook-events.js';

/** A new webhook, or the change of an old one from the version that is there now. */
export function WebhookDialog({ id, onClose }: { id: number | undefined; onClose(): void }) {
  const query = useQuery({
    queryKey: ['webhooks', 'one', id],
    queryFn: () => readWebhook(id!),
    enabled: id !== undefined,
    staleTime: Infinity,
    gcTime: 0,
  });
  if (id === undefined) return <WebhookForm onClose={onClose} />;
  if (query.data) return <WebhookForm webhook={query.data.value} etag={query.data.etag} onClose={onClose} />;
  return (
    <FormDialog title="Webhook" isOpen onClose={onClose} onSubmit={onClose} submit="Close">
      {query.isError ? <ErrorState error={query.error} /> : <LoadingState rows={3} />}
    </FormDialog>
  );
}

interface WebhookFormProps {
  webhook?: Webhook;
  etag?: string;
  onClose(): void;
}

function WebhookForm({ webhook, etag, onClose }: WebhookFormProps) {
  const [draft, setDraft] = useState<WebhookDraft>(() => draftOf(webhook));
  const save = useAction<void, { secret?: string }>({
    run: async () => {
      if (!webhook) return createWebhook(inputOf(draft));
      const { room: _, ...patch } = inputOf(draft);
      await changeWebhook(webhook.id, { ...patch, isPaused: draft.isPaused }, etag);
      return {};
    },
    done: webhook && 'The webhook was changed',
    changes: [['webhooks', 'list']],
    isQuiet: true,
    onDone: ({ secret }) => {
      if (secret === undefined) onClose();
    },
  });
  if (save.data?.secret !== undefined)
    return (
      <SecretDialog title="The signing secret" secret={save.data.secret} onClose={onClose}>
        Whoever receives the deliveries checks their signatures with it. It will not be shown again.
      </SecretDialog>
    );
  return (
    <FormDialog
      title={webhook ? 'Edit the webhook' : 'New webhook'}
      isOpen
      onClose={onClose}
      onSubmit={() => save.mutate()}
      submit={webhook ? 'Save' : 'Create the webhook'}
      isReady={
        /^https?:\/\/\S+$/.test(draft.url.trim()) && draft.name.trim() !== '' && draft.events.length > 0
      }
      isBusy={save.isPending}
      error={save.error}
    >
      <WebhookFields
        draft={draft}
        isNew={!webhook}
        onChange={(part) => setDraft((before) => ({ ...before, ...part }))}
      />
    </FormDialog>
  );
}

interface WebhookDraft {
  name: string;
  url: string;
  events: string[];
  room: string;
  isPaused: boolean;
}

const draftOf = (webhook: Webhook | undefined): WebhookDraft => ({
  name: webhook?.name ?? '',
  url: webhook?.url ?? '',
  events: webhook?.events ?? [],
  room: webhook?.room ?? '',
  isPaused: webhook?.isPaused ?? false,
});

const inputOf = ({ name, url, events, room }: WebhookDraft): WebhookInput => ({
  name: name.trim(),
  url: url.trim(),
  events: events.includes(ALL_EVENTS) ? [ALL_EVENTS] : events,
  ...(room.trim() !== '' && { room: room.trim() }),
});

interface WebhookFieldsProps {
  draft: WebhookDraft;
  isNew: boolean;
  onChange(part: Partial<WebhookDraft>): void;
}

function WebhookFields({ draft, isNew, onChange }: WebhookFieldsProps) {
  const known = [...new Set([ALL_EVENTS, ...WEBHOOK_EVENTS, ...draft.events])];
  return (
    <>
      <TextInput
        label="Name"
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        data-autofocus
        required
      />
      <TextInput
        label="Address"
        placeholder="https://bot.example.org/plaza"
        value={draft.url}
        onChange={(event) => onChange({ url: event.currentTarget.value })}
        spellCheck={false}
        required
      />
      <MultiSelect
        label="Events"
        data={known.map((value) => ({ value, label: value === ALL_EVENTS ? 'Everything' : wordsOf(value) }))}
        value={draft.events}
        onChange={(events) => onChange({ events })}
        searchable
        required
      />
      {isNew ? (
        <TextInput
          label="Room"
          description="Its token. None: the whole server."
          value={draft.room}
          onChange={(event) => onChange({ room: event.currentTarget.value })}
          spellCheck={false}
        />
      ) : (
        <Checkbox
          label="Paused: what happens meanwhile is not told"
          checked={draft.isPaused}
          onChange={(event) => onChange({ isPaused: event.currentTarget.checked })}
        />
      )}
    </>
  );
}
