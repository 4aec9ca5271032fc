import '../i18n/kit';

import { Button, Group, Stack } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '../ui/errors';
import { ErrorState } from '../ui/State';
import { concerns, problemFields } from './problem';

/** field('name') is what is wrong with that field, in words, for the input's error. */
export function useFieldErrors(error: unknown): (field: string) => string | undefined {
  const errorText = useErrorText();
  const fields = problemFields(error);
  return (field) => {
    if (!fields.some((problem) => concerns(problem, field))) return undefined;
    const { title, remedy } = errorText(error);
    return `${title}. ${remedy}`;
  };
}

interface Props {
  /** What the last try failed with. */
  error: unknown;
  /** The fields this form shows errors at; for any other failure the form says it above. */
  fields?: readonly string[];
  submit: string;
  busy: boolean;
  onSubmit: () => void;
  onCancel?: (() => void) | undefined;
  danger?: boolean;
  disabled?: boolean;
  children: React.ReactNode;
}

/** A form in one column: fields, then cancel and the one thing it does. After a refusal the first wrong field has the focus. */
export function Form({ error, fields = [], submit, busy, onSubmit, onCancel, danger, disabled, children }: Props) {
  const { t } = useTranslation();
  const form = useRef<HTMLFormElement>(null);
  const atField = problemFields(error).some((problem) => fields.some((field) => concerns(problem, field)));
  useEffect(() => {
    if (atField) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [atField, error]);
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onSubmit();
      }}
      onKeyDown={(event) => {
        // From a field of several lines, where Enter is a new line.
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          event.currentTarget.requestSubmit();
        }
      }}
    >
      <Stack gap="sm">
        {error !== null && error !== undefined && !atField && <ErrorState error={error} />}
        {children}
        <Group justify="flex-end" gap="xs">
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {t('action.cancel')}
            </Button>
          )}
          <Button type="submit" loading={busy} color={danger ? 'red' : undefined} disabled={disabled ?? false}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
