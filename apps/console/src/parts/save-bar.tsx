import { Alert, Button, Group, Text } from '@mantine/core';
import { ApiProblem, type FieldError } from '../api/problem.js';
import { Failure } from './states.jsx';
import { useUnsavedChanges } from './unsaved-changes.js';

interface SaveBarProps {
  isChanged: boolean;
  isBusy: boolean;
  isReady?: boolean;
  error: unknown;
  /** What is wrong with a field, where it has another name here. */
  textOf?: (error: FieldError) => string;
  onSave(): void;
  /** Drops the changes for what the server has. */
  onReset(): void;
}

/** At the end of a form: save or drop; and what to do when somebody else was faster. */
export function SaveBar({ isChanged, isBusy, isReady = true, error, textOf, onSave, onReset }: SaveBarProps) {
  useUnsavedChanges(isChanged);
  const isStale = error instanceof ApiProblem && error.isStale;
  return (
    <div className="save-bar">
      {isStale ? (
        <Alert color="yellow" title="Somebody else changed this in the meantime" role="alert" mb="md">
          <Text size="sm" mb="sm">
            Nothing was saved. Load what is there now, and make your changes again.
          </Text>
          <Button size="xs" variant="default" onClick={onReset}>
            Load what is there now
          </Button>
        </Alert>
      ) : (
        <Failure error={error} title="This was not saved" textOf={textOf} />
      )}
      <Group mt="md">
        <Button onClick={onSave} disabled={!isChanged || !isReady} loading={isBusy}>
          Save
        </Button>
        <Button variant="default" onClick={onReset} disabled={!isChanged || isBusy}>
          Discard changes
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {isChanged ? 'Not saved yet' : ''}
        </Text>
      </Group>
    </div>
  );
}
