import '../../i18n/triage';

import { Checkbox, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../app/session';
import { Form } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import css from './alerts.module.css';
import { ExclusionFields, useExclusion } from './ExclusionFields';
import { About } from './NoteDialog';
import { useReasons } from './reasons';
import type { Target } from './useBatch';
import type { RunBatch } from './useTriage';

interface Props {
  target: Target;
  begin?: { reason: string; note: string } | undefined;
  run: RunBatch;
  onClose: () => void;
}

/** Closing says why, and where the rule was wrong, proposes that it be quiet about it: all in one dialog. */
export function CloseDialog({ target, begin, run, onClose }: Props) {
  const { t } = useTranslation(['translation', 'triage']);
  const may = useMay();
  const reasons = useReasons();
  const [reason, setReason] = useState(begin?.reason);
  const [note, setNote] = useState(begin?.note ?? '');
  const [excluding, setExcluding] = useState(false);
  const [asked, setAsked] = useState(false);
  const choices = reasons.choices(target.signals ?? false);
  const chosen = choices.find((one) => one.id === reason);
  const offers = chosen?.kind === 'false_positive' && target.example !== undefined && may('exclusion.propose');
  const excludes = offers && excluding;
  const exclusion = useExclusion(excludes ? target.example : undefined);
  const words = note.trim();
  const noteError = excludes && words.length < 5 ? t('triage:close.whyHarmless') : chosen?.kind === 'other' && words === '' ? t('alerts.noteNeeded') : undefined;
  const close = useMutation({
    mutationFn: async () => {
      if (!chosen) return;
      const made = excludes ? await exclusion.propose(words) : undefined;
      await run({
        target,
        change: { status: 'closed', reason: chosen.id, ...(words !== '' && { note: words }) },
        ...(made && { undo: () => exclusion.withdraw(made, t('triage:exclude.undone')) }),
      });
    },
    onSuccess: onClose,
  });
  const one = target.count === 1;
  return (
    <Dialog opened onClose={onClose} title={one ? t('alerts.close') : t('alerts.closeTitle', { count: target.count })} size={excludes ? 'lg' : 'md'}>
      {reasons.query.isPending && <Rows count={6} />}
      {reasons.query.error && !reasons.query.data && <ErrorState error={reasons.query.error} retry={() => void reasons.query.refetch()} />}
      {reasons.query.data && (
        <Form
          error={close.error}
          submit={excludes ? t('triage:close.withExclusion') : one ? t('alerts.close') : t('alerts.closeTitle', { count: target.count })}
          busy={close.isPending}
          onCancel={onClose}
          onSubmit={() => {
            setAsked(true);
            if (chosen && noteError === undefined && (!excludes || exclusion.ready)) close.mutate();
          }}
        >
          <About target={target} />
          <Radio.Group label={t('alerts.why')} value={chosen?.id ?? ''} onChange={setReason} error={asked && !chosen ? t('alerts.chooseReason') : undefined}>
            <Stack gap={8} mt={8}>
              {choices.map((value, i) => (
                <Radio
                  key={value.id}
                  value={value.id}
                  data-autofocus={(chosen ? chosen.id === value.id : i === 0) || undefined}
                  label={reasons.words(value)}
                  description={t(`reasonText.${value.kind}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          {offers && (
            <div className={css.offer}>
              <Checkbox
                label={t('triage:close.exclude')}
                description={t('triage:close.excludeText')}
                checked={excluding}
                onChange={(event) => {
                  setExcluding(event.currentTarget.checked);
                }}
              />
            </div>
          )}
          {excludes && <ExclusionFields state={exclusion} asked={asked} />}
          <Textarea
            label={excludes ? t('triage:close.noteExclude') : t('alerts.note')}
            placeholder={excludes ? t('triage:exclude.reasonHint') : t('alerts.notePlaceholder')}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={excludes ? 2_000 : 4_000}
            value={note}
            error={asked ? noteError : undefined}
            onChange={(event) => {
              setNote(event.currentTarget.value);
            }}
          />
          <Text size="xs" className="la-dim">
            {t('alerts.closeHint')}
          </Text>
        </Form>
      )}
    </Dialog>
  );
}
