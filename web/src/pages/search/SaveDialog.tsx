import { Radio, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Saved } from '../../api/types';
import { Form, useFieldErrors } from '../../kit/Form';
import type { SavedContent } from '../../lib/savedSearch';
import { Dialog } from '../../ui/Dialog';
import { type SavedFields, useSavedActions } from './useSavedActions';

interface Props {
  /** Changed instead of a new one being made. */
  saved: Saved | undefined;
  /** What is saved; undefined leaves it as it is. */
  content: SavedContent | undefined;
  onClose: () => void;
  onSaved: (saved: Saved) => void;
}

const visibilities = ['private', 'unit', 'everyone'] as const;

/** The name of a search and who sees it. */
export function SaveDialog({ saved, content, onClose, onSaved }: Props) {
  const { t } = useTranslation('search');
  const { create, change } = useSavedActions();
  const [fields, setFields] = useState<SavedFields>({
    name: saved?.name ?? '',
    description: saved?.description ?? '',
    visibility: saved?.visibility ?? 'private',
  });
  const error = create.error ?? change.error;
  const fieldError = useFieldErrors(error);
  const done = {
    onSuccess: (made: Saved) => {
      onSaved(made);
      onClose();
    },
  };
  return (
    <Dialog opened onClose={onClose} title={saved ? t('saved.edit') : t('saved.new')}>
      <Form
        error={error}
        fields={['name', 'description']}
        submit={t('saved.save')}
        busy={create.isPending || change.isPending}
        disabled={fields.name.trim() === ''}
        onCancel={onClose}
        onSubmit={() => {
          const next = { ...fields, name: fields.name.trim() };
          if (saved) change.mutate({ saved, next: { ...next, ...content } }, done);
          else if (content) create.mutate({ ...next, ...content }, done);
        }}
      >
          <TextInput
            label={t('saved.name')}
            error={fieldError('name')}
            required
            maxLength={120}
            data-autofocus
            value={fields.name}
            onChange={(event) => {
              setFields({ ...fields, name: event.currentTarget.value });
            }}
          />
          <TextInput
            label={t('saved.description')}
            error={fieldError('description')}
            maxLength={500}
            value={fields.description}
            onChange={(event) => {
              setFields({ ...fields, description: event.currentTarget.value });
            }}
          />
          <Radio.Group
            label={t('saved.who')}
            value={fields.visibility}
            onChange={(value) => {
              setFields({ ...fields, visibility: visibilities.find((v) => v === value) ?? 'private' });
            }}
          >
            <Stack gap={6} mt={6}>
              {visibilities.map((visibility) => (
                <Radio key={visibility} value={visibility} label={t(`saved.${visibility}`)} />
              ))}
            </Stack>
          </Radio.Group>
      </Form>
    </Dialog>
  );
}
