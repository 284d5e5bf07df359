import { Checkbox, MultiSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { changeWebhook, createWebhook, readWebhook, type WebhookInput } from '../../api/access.js';
import type { Webhook } from '../../api/types.js';
import { useAction } from '../../parts/action.js';
import { FormDialog } from '../../parts/form-dialog.jsx';
import { listOf } from '../../parts/list-text.js';
import { SecretDialog } from '../../parts/secret-dialog.jsx';
import { wordsOf } from '../../parts/shown.js';
import { ErrorState, LoadingState } from '../../parts/states.jsx';
import { WEBHOOK_EVENTS } from './webhook-events.js';

/** A new webhook, or the change of an old one from the version that is there now. */
export function WebhookDialog({ id, onClose }: { id: string | undefined; onClose(): void }) {
  const query = useQuery({
    queryKey: ['webhooks', 'one', id],
    queryFn: () => readWebhook(id!),
    enabled: id !== undefined,
    staleTime: 0,
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
  const save = useAction<void, Webhook | undefined>({
    run: async () => {
      if (!webhook) return createWebhook(inputOf(draft));
      await changeWebhook(webhook.id, { ...inputOf(draft), isActive: draft.isActive }, etag);
      return undefined;
    },
    done: webhook && 'The webhook was changed',
    changes: [['webhooks']],
    isQuiet: true,
    onDone: (made) => {
      if (made?.secret === undefined) onClose();
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
      isReady={/^https?:\/\/\S+$/.test(draft.url.trim()) && draft.events.length > 0}
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
  rooms: string;
  isActive: boolean;
}

const draftOf = (webhook: Webhook | undefined): WebhookDraft => ({
  name: webhook?.name ?? '',
  url: webhook?.url ?? '',
  events: webhook?.events ?? [],
  rooms: webhook?.rooms?.join(', ') ?? '',
  isActive: webhook?.isActive ?? true,
});

function inputOf({ name, url, events, rooms }: WebhookDraft): WebhookInput {
  const scope = listOf(rooms);
  return { name: name.trim(), url: url.trim(), events, ...(scope.length > 0 && { rooms: scope }) };
}

interface WebhookFieldsProps {
  draft: WebhookDraft;
  isNew: boolean;
  onChange(part: Partial<WebhookDraft>): void;
}

function WebhookFields({ draft, isNew, onChange }: WebhookFieldsProps) {
  const known = [...new Set([...WEBHOOK_EVENTS, ...draft.events])];
  return (
    <>
      <TextInput
        label="Name"
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        data-autofocus
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
        data={known.map((value) => ({ value, label: wordsOf(value) }))}
        value={draft.events}
        onChange={(events) => onChange({ events })}
        required
      />
      <TextInput
        label="Rooms"
        description="Tokens, with commas between them. None: the whole server."
        value={draft.rooms}
        onChange={(event) => onChange({ rooms: event.currentTarget.value })}
        spellCheck={false}
      />
      {!isNew && (
        <Checkbox
          label="Active"
          checked={draft.isActive}
          onChange={(event) => onChange({ isActive: event.currentTarget.checked })}
        />
      )}
    </>
  );
}
