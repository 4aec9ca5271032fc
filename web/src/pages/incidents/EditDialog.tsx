import '../../i18n/incidents';
import '@mantine/core/styles/RadioCard.css';
import '@mantine/core/styles/RadioIndicator.css';

import { Alert as Notice, Radio, Stack, Text } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../../api/client';
import { changeIncident, type IncidentDetail, incidentChanged, readIncident } from '../../api/incidentQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { changedFields, disputed, type Draft, draftOf, factsOf, type Field, merged } from '../../lib/incidentDraft';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';
import { FlagFields, LeadField, MarkFields, MomentField, OutcomeFields, WhatFields, WhereFields } from './fields';
import css from './incidents.module.css';
import { useShown } from './useShown';

export type PartName = 'what' | 'where' | 'times' | 'flags' | 'marks' | 'outcome' | 'lead';

interface Props {
  incident: IncidentDetail;
  part: PartName;
  onClose: () => void;
}

/** What somebody else stored while this form was open. */
interface Meanwhile {
  theirs: IncidentDetail;
  fields: Field[];
}

/** Edits a part of an incident. Where two people changed the same, both values are shown and one is chosen. */
export function EditDialog({ incident, part, onClose }: Props) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  // As it was when the form was opened: what is read since then must not slip in unseen.
  const [base, setBase] = useState(incident);
  const [draft, setDraft] = useState<Draft>(() => draftOf(incident));
  const [meanwhile, setMeanwhile] = useState<Meanwhile>();
  const before = draftOf(base);
  const save = useMutation({
    mutationFn: async () => {
      try {
        await changeIncident(base.id, base.version, factsOf(draft, changedFields(before, draft)));
        return true;
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'incident.changed') throw error;
        const theirs = await readIncident(base.id);
        const now = draftOf(theirs);
        const fields = disputed(before, draft, now);
        if (fields.length > 0) {
          setMeanwhile({ theirs, fields });
          return false;
        }
        // The same was meant, or a value is as it was again: mine goes over what is stored now.
        const mine = merged(before, draft, now, new Set());
        await changeIncident(base.id, theirs.version, factsOf(mine, changedFields(now, mine)));
        return true;
      }
    },
    onSuccess: async (done) => {
      if (!done) return;
      await incidentChanged(client);
      onClose();
      toast({ message: t('edit.saved'), autoClose: 3_000 });
    },
  });
  const error = useFieldErrors(save.error);
  if (meanwhile) {
    return (
      <Decide
        before={before}
        mine={draft}
        meanwhile={meanwhile}
        onBack={() => {
          // On with the form over what is stored now: mine stays, the rest is theirs.
          setDraft(merged(before, draft, draftOf(meanwhile.theirs), new Set()));
          setBase(meanwhile.theirs);
          setMeanwhile(undefined);
        }}
        onClose={onClose}
      />
    );
  }
  const fields = {
    draft,
    error,
    change: (next: Partial<Draft>) => {
      setDraft((old) => ({ ...old, ...next }));
    },
  };
  const changes = changedFields(before, draft).length;
  return (
    <Dialog opened onClose={onClose} size={part === 'lead' ? 'md' : 'xl'} title={`${t('edit.title', { code: incident.code })}: ${t(`part.${part}`)}`}>
      <Form
        error={save.error}
        fields={Object.keys(draft)}
        submit={t('edit.save')}
        busy={save.isPending}
        disabled={changes === 0}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        {part === 'what' && (
          <>
            <WhatFields {...fields} focus />
            <LeadField {...fields} known={incident.lead} />
          </>
        )}
        {part === 'where' && <WhereFields {...fields} />}
        {part === 'times' && (['detectedAt', 'confirmedAt', 'containedAt', 'recoveredAt'] as const).map((field) => <MomentField key={field} field={field} {...fields} />)}
        {part === 'flags' && <FlagFields {...fields} />}
        {part === 'marks' && <MarkFields {...fields} />}
        {part === 'outcome' && <OutcomeFields {...fields} />}
        {part === 'lead' && <LeadField {...fields} known={incident.lead} />}
      </Form>
    </Dialog>
  );
}

interface DecideProps {
  before: Draft;
  mine: Draft;
  meanwhile: Meanwhile;
  onBack: () => void;
  onClose: () => void;
}

/** The fields two people changed: one value of each is chosen, and nothing else is lost. */
function Decide({ before, mine, meanwhile, onBack, onClose }: DecideProps) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const shown = useShown();
  const [choice, setChoice] = useState<Partial<Record<Field, 'mine' | 'theirs'>>>({});
  const [asked, setAsked] = useState(false);
  const theirs = draftOf(meanwhile.theirs);
  const left = meanwhile.fields.filter((field) => choice[field] === undefined);
  const save = useMutation({
    mutationFn: async () => {
      const result = merged(before, mine, theirs, new Set(meanwhile.fields.filter((field) => choice[field] === 'theirs')));
      const fields = changedFields(theirs, result);
      if (fields.length > 0) await changeIncident(meanwhile.theirs.id, meanwhile.theirs.version, factsOf(result, fields));
    },
    onSuccess: async () => {
      await incidentChanged(client);
      onClose();
      toast({ message: t('merge.saved'), autoClose: 5_000 });
    },
  });
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('merge.title')}>
      <Form
        error={save.error}
        submit={t('merge.save')}
        busy={save.isPending}
        onCancel={onBack}
        onSubmit={() => {
          setAsked(true);
          if (left.length === 0) save.mutate();
        }}
      >
        <Notice variant="light" icon={<IconGitMerge size={18} />} styles={{ message: { color: 'var(--mantine-color-text)' } }}>
          {t('merge.text', { count: meanwhile.fields.length })}
        </Notice>
        <Stack gap="md">
          {meanwhile.fields.map((field) => (
            <Radio.Group
              key={field}
              label={t(`field.${field}`)}
              value={choice[field] ?? ''}
              error={asked && choice[field] === undefined ? t('merge.choose') : undefined}
              onChange={(value) => {
                setChoice((old) => ({ ...old, [field]: value === 'mine' ? 'mine' : 'theirs' }));
              }}
            >
              <div className={css.two}>
                {(['mine', 'theirs'] as const).map((whose) => (
                  <Radio.Card key={whose} value={whose} className={css.option} aria-label={`${t(`field.${field}`)}: ${t(`merge.${whose}`)}`}>
                    <span className={css.optionHead}>
                      <Radio.Indicator /> {t(`merge.${whose}`)}
                    </span>
                    <span className={css.optionValue}>{shown(field, whose === 'mine' ? mine : theirs) || t('merge.empty')}</span>
                  </Radio.Card>
                ))}
              </div>
              <Text size="xs" className="la-dim" mt={4}>
                {t('merge.base')}: {shown(field, before) || t('merge.empty')}
              </Text>
            </Radio.Group>
          ))}
        </Stack>
      </Form>
    </Dialog>
  );
}
