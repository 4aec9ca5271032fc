import '../i18n/kit';

import { Text, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Dialog } from '../ui/Dialog';
import { Form, useFieldErrors } from './Form';

interface Props {
  title: string;
  /** What will happen, and whether it can be taken back. */
  text: React.ReactNode;
  /** What the button does: "Thu hồi", never "OK". */
  confirm: string;
  danger?: boolean;
  /** Asks for a reason, kept with the change. */
  reason?: 'required' | 'optional';
  reasonHint?: string;
  /** Throws where it fails; the dialog says why and stays. */
  onConfirm: (reason: string) => Promise<unknown>;
  onClose: () => void;
  /** More to choose, above the reason. */
  children?: React.ReactNode;
}

/** Asks before what is hard to take back. Rendered while it is open. */
export function ConfirmDialog({ title, text, confirm, danger, reason, reasonHint, onConfirm, onClose, children }: Props) {
  const { t } = useTranslation('kit');
  const [why, setWhy] = useState('');
  const [asked, setAsked] = useState(false);
  const run = useMutation({ mutationFn: () => onConfirm(why.trim()), onSuccess: onClose });
  const fieldError = useFieldErrors(run.error);
  const missing = reason === 'required' && why.trim() === '';
  return (
    <Dialog opened onClose={onClose} title={title}>
      <Form
        error={run.error}
        fields={['reason']}
        submit={confirm}
        busy={run.isPending}
        danger={danger ?? false}
        onCancel={onClose}
        onSubmit={() => {
          setAsked(true);
          if (!missing) run.mutate();
        }}
      >
        <Text size="sm" component="div">
          {text}
        </Text>
        {children}
        {reason && (
          <Textarea
            label={reason === 'required' ? t('confirm.reason') : t('confirm.reasonOptional')}
            placeholder={reasonHint}
            data-autofocus
            autosize
            minRows={2}
            maxRows={6}
            maxLength={2_000}
            required={reason === 'required'}
            withAsterisk={false}
            error={fieldError('reason') ?? (asked && missing ? t('confirm.needed') : undefined)}
            value={why}
            onChange={(event) => {
              setWhy(event.currentTarget.value);
            }}
          />
        )}
      </Form>
    </Dialog>
  );
}
