import { Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type DossierDetail, type DossierVerb, stepDossier } from '../../api/dossierQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';

const withPaper: readonly DossierVerb[] = ['council', 'judge', 'approve'];

/** Asks for what a step needs: remarks, or the paper that says so. */
export function StepDialog({ dossier, verb, onClose }: { dossier: DossierDetail; verb: DossierVerb; onClose: () => void }) {
  const { t } = useTranslation('dossiers');
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const [number, setNumber] = useState('');
  const [date, setDate] = useState('');
  const [issuer, setIssuer] = useState('');
  const paper = withPaper.includes(verb);
  const step = useMutation({
    mutationFn: () => stepDossier(client, dossier, verb, note.trim(), paper ? { number, date, issuer } : undefined),
    onSuccess: onClose,
  });
  const fieldError = useFieldErrors(step.error);
  return (
    <Dialog opened onClose={onClose} title={`${t(`verb.${verb}`)}: ${dossier.code}`}>
      <Form
        error={step.error}
        fields={['note', ...(paper ? ['paper', 'paper.date'] : [])]}
        submit={t(`verb.${verb}`)}
        busy={step.isPending}
        danger={verb === 'withdraw'}
        onCancel={onClose}
        onSubmit={() => { step.mutate(); }}
      >
        <Text size="sm">{t(`ask.${verb}`)}</Text>
        {paper && (
          <>
            <TextInput label={t('number')} placeholder={t('numberHint')} data-autofocus required withAsterisk={false} maxLength={100} value={number} error={fieldError('paper')} onChange={(event) => { setNumber(event.currentTarget.value); }} />
            <TextInput label={t('date')} type="date" required withAsterisk={false} value={date} error={fieldError('paper.date')} onChange={(event) => { setDate(event.currentTarget.value); }} />
            <TextInput label={t('issuer')} required withAsterisk={false} maxLength={200} value={issuer} onChange={(event) => { setIssuer(event.currentTarget.value); }} />
          </>
        )}
        {verb !== 'accept' && (
          <Textarea
            label={t('note')}
            placeholder={t('noteHint')}
            autosize
            minRows={2}
            maxRows={8}
            maxLength={4_000}
            value={note}
            error={fieldError('note')}
            onChange={(event) => { setNote(event.currentTarget.value); }}
          />
        )}
      </Form>
    </Dialog>
  );
}
